// Entropies against counts done by hand and against a chain whose entropies are known.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bigramEntropy, unigramEntropy } from "../../src/data/floors";
import { markovChain } from "../../src/data/markov";
import { rng } from "../../src/tensor/rng";

describe("floors", () => {
  test("by hand", () => {
    // Targets 1 0 1 1: p = 1/4, 3/4. After 0: 1, 1. After 1: 0, 1.
    const tokens = [0, 1, 0, 1, 1];
    expect(unigramEntropy(tokens)).toBeCloseTo(0.25 * Math.log(4) + 0.75 * Math.log(4 / 3), 14);
    expect(bigramEntropy(tokens)).toBeCloseTo(0.5 * Math.log(2), 14);
    expect(bigramEntropy(new Int32Array([3, 5, 3, 5, 3]))).toBeCloseTo(0, 14);
    expect(unigramEntropy([7, 7])).toBe(0);
  });

  test("equal the mean loss of the count tables, for any tokens", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(5), { minLength: 2, maxLength: 60 }), (tokens) => {
        const pairs = tokens.slice(1).map((next, i) => [tokens[i]!, next] as const);
        const loss = (p: (previous: number, next: number) => number) =>
          pairs.reduce((sum, [previous, next]) => sum - Math.log(p(previous, next)), 0) / pairs.length;
        const share = (all: readonly (readonly [number, number])[], next: number) =>
          all.filter((pair) => pair[1] === next).length / all.length;
        const bigram = loss((previous, next) =>
          share(
            pairs.filter((pair) => pair[0] === previous),
            next,
          ),
        );
        expect(unigramEntropy(tokens)).toBeCloseTo(
          loss((_, next) => share(pairs, next)),
          12,
        );
        expect(bigramEntropy(tokens)).toBeCloseTo(bigram, 12);
        expect(bigramEntropy(tokens)).toBeLessThanOrEqual(unigramEntropy(tokens) + 1e-12);
      }),
    );
  });

  test("converge to those of a Markov chain", () => {
    const chain = markovChain({ vocabulary: 8, concentration: 0.5, rng: rng(1) });
    const tokens = chain.sequence(200_000, rng(2));
    expect(unigramEntropy(tokens)).toBeCloseTo(chain.unigramEntropy, 2);
    expect(bigramEntropy(tokens)).toBeCloseTo(chain.bigramEntropy, 2);
  });

  test("one token is too few", () => {
    expect(() => unigramEntropy([1])).toThrow("floors: an entropy needs at least 2 tokens, got 1");
    expect(() => bigramEntropy([])).toThrow("got 0");
  });
});
