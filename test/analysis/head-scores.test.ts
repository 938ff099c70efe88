// Scores of heads on patterns whose scores are known: perfect heads, uniform attention, and the conventions that others use.
import { describe, expect, test } from "vitest";
import { duplicateToken, firstToken, prefixMatching, previousToken } from "../../src/analysis/head-scores";

/** BOS, then `repeats` times the symbols 1..period. */
const repeated = (period: number, repeats: number) => [
  0,
  ...Array.from({ length: period * repeats }, (_, i) => 1 + (i % period)),
];

/** The pattern whose row i spreads its attention evenly over `targets(i)`, or rests on the first token without any. */
function pattern(T: number, targets: (query: number) => number[]): Float64Array {
  const weights = new Float64Array(T * T);
  for (let i = 0; i < T; i++) {
    const sources = targets(i);
    for (const source of sources.length > 0 ? sources : [0])
      weights[i * T + source]! += 1 / Math.max(1, sources.length);
  }
  return weights;
}

const everything = (query: number) => Array.from({ length: query + 1 }, (_, source) => source);

describe("prefix matching", () => {
  test("of a perfect induction head is 1, wherever it puts its weight among the copies", () => {
    for (const [P, R] of [
      [4, 2],
      [25, 4],
    ] as const) {
      const tokens = repeated(P, R);
      const earlier = (query: number) =>
        Array.from({ length: R }, (_, k) => query - (k + 1) * P).filter((source) => source >= 1);
      const all = pattern(tokens.length, (query) => earlier(query).map((source) => source + 1));
      expect(prefixMatching(all, tokens)).toBeCloseTo(1, 12);
      const latest = pattern(tokens.length, (query) =>
        earlier(query)
          .slice(0, 1)
          .map((source) => source + 1),
      );
      expect(prefixMatching(latest, tokens)).toBe(1);
      expect(prefixMatching(latest, tokens, { latest: true })).toBe(1);
      // Of the first copies a perfect head that spreads evenly looks at the latest with 1, 1/2, ... in repeat 2, 3, ...
      const shares = Array.from({ length: R - 1 }, (_, repeat) => 1 / (repeat + 1));
      const mean = shares.reduce((sum, share) => sum + share, 0) / (R - 1);
      expect(prefixMatching(all, tokens, { latest: true })).toBeCloseTo(mean, 12);
    }
  });

  test("of uniform attention is chance: .030 for four repeats of 25, .062 of 12", () => {
    for (const [P, chance] of [
      [25, "0.031"],
      [12, "0.065"],
    ] as const) {
      const tokens = repeated(P, 4);
      let expected = 0;
      for (let query = P + 1; query <= 4 * P; query++)
        expected += Math.floor((query - 1) / P) / (query + 1) / (3 * P);
      const found = prefixMatching(pattern(tokens.length, everything), tokens);
      expect(found).toBeCloseTo(expected, 14);
      // Formulas in periods, i - P + 1, i - 2 P + 1 ... > 0, count the token after BOS as a target of a block's last token, too.
      const afterBos = [2, 3, 4].reduce((sum, repeat) => sum + 1 / (repeat * P + 1) / (3 * P), 0);
      expect((found + afterBos).toFixed(3)).toBe(chance);
    }
  });

  test("is 1 for a perfect head where detect_head of TransformerLens says (R - 1) / R", () => {
    const [P, R] = [32, 2];
    const tokens = repeated(P, R);
    const T = tokens.length;
    const perfect = pattern(T, (query) => (query > P ? [query - P + 1] : []));
    let onTargets = 0;
    let all = 0;
    for (let i = 0; i < T; i++)
      for (let j = 0; j <= i; j++) {
        all += perfect[i * T + j]!;
        if (i > P && j === i - P + 1) onTargets += perfect[i * T + j]!;
      }
    expect(onTargets / all).toBeCloseTo((R - 1) / R, 1);
    expect(prefixMatching(perfect, tokens)).toBe(1);
  });

  test("needs no period: tokens that recur anywhere count, others do not", () => {
    const tokens = [0, 5, 7, 6, 5, 8];
    // Only the second 5, at 4, has a target: 2.
    const weights = pattern(6, (query) => (query === 4 ? [2, 3] : [query]));
    expect(prefixMatching(weights, tokens)).toBe(0.5);
    expect(prefixMatching(pattern(3, everything), [0, 1, 2])).toBe(0);
  });
});

test("a duplicate-token head, a previous-token head and one that rests score 1 on their own measure alone", () => {
  const tokens = repeated(6, 3);
  const T = tokens.length;
  const duplicate = pattern(T, (query) => (query > 6 ? [query - 6] : []));
  const previous = pattern(T, (query) => (query > 0 ? [query - 1] : []));
  const resting = pattern(T, () => [0]);
  expect(duplicateToken(duplicate, tokens)).toBe(1);
  expect(previousToken(previous)).toBe(1);
  expect(firstToken(resting)).toBe(1);
  expect(previousToken(duplicate)).toBe(0.05555555555555555); // the second token, whose rest is the token before
  expect(duplicateToken(previous, tokens)).toBe(0);
  expect(prefixMatching(duplicate, tokens)).toBe(0);
  expect(firstToken(previous, 2)).toBe(0);
});

test("uniform attention to the token before is the mean of 1 / (i + 1)", () => {
  const T = 30;
  const mean = Array.from({ length: T - 1 }, (_, i) => 1 / (i + 2)).reduce((sum, x) => sum + x, 0) / (T - 1);
  expect(previousToken(pattern(T, everything))).toBeCloseTo(mean, 14);
  expect(firstToken(pattern(T, everything), 1)).toBeCloseTo(mean, 14);
});

test("a pattern that is not [T, T] is refused", () => {
  expect(() => prefixMatching([1, 0, 0.5, 0.5], [1, 2, 3])).toThrow(
    "prefixMatching: a pattern must be [T, T] for T tokens, got 4 weights for 3 tokens",
  );
  expect(() => previousToken([1, 0, 1])).toThrow("previousToken: a pattern must be [T, T]");
});
