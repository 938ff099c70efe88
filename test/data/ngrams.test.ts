// Counting models: worked by hand, and in the limits that are known.
import { expect, test } from "vitest";
import { bigramEntropy, unigramEntropy } from "../../src/data/floors";
import { ngramLoss } from "../../src/data/ngrams";
import { rng } from "../../src/tensor/rng";

test("by hand: a b a b a, then a b", () => {
  // Unigram: 3 a and 2 b of 2 kinds; the shorter context is 1/2. P(b) = (2 + 2/2) / (5 + 2).
  const unigram = 3 / 7;
  // After a came b, twice, one kind: P(b | a) = (2 + P(b)) / (2 + 1).
  const bigram = (2 + unigram) / 3;
  const [train, heldOut] = [
    [0, 1, 0, 1, 0],
    [0, 1],
  ];
  expect(ngramLoss(train, heldOut, { order: 1, vocabulary: 2 })).toBeCloseTo(-Math.log(unigram), 12);
  expect(ngramLoss(train, heldOut, { order: 2, vocabulary: 2 })).toBeCloseTo(-Math.log(bigram), 12);
  // No token stands before the first one, so a longer context does not help.
  expect(ngramLoss(train, heldOut, { order: 3, vocabulary: 2 })).toBeCloseTo(-Math.log(bigram), 12);
});

test("a context that was never seen leaves it to the shorter one, a token that was never seen to all alike", () => {
  expect(ngramLoss([0, 0, 1], [2, 0], { order: 2, vocabulary: 4 })).toBeCloseTo(
    -Math.log((2 + 2 / 4) / 5),
    12,
  );
  expect(ngramLoss([0, 0, 1], [0, 3], { order: 1, vocabulary: 4 })).toBeCloseTo(-Math.log(2 / 4 / 5), 12);
});

test("on much of its own text it comes near the entropies, from above", () => {
  const draws = rng(1);
  let token = 0;
  const tokens = Array.from({ length: 20_000 }, () => {
    token = (2 * token + draws.weighted([6, 3, 1])) % 7;
    return token;
  });
  const loss = (order: number) => ngramLoss(tokens, tokens, { order, vocabulary: 7 });
  for (const [order, entropy] of [
    [1, unigramEntropy(tokens)],
    [2, bigramEntropy(tokens)],
  ] as const) {
    expect(loss(order)).toBeGreaterThan(entropy);
    expect(loss(order)).toBeLessThan(entropy + 0.005);
  }
});

test.each([0, 1.5, -1])("order %d is refused", (order) => {
  expect(() => ngramLoss([0, 1], [0, 1], { order, vocabulary: 2 })).toThrow("ngrams: order must be");
});
