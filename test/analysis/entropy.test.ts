// Entropy of attention rows against closed forms, in float64.
import { describe, expect, test } from "vitest";
import { asShares, entropy, meanEntropy, rowEntropies } from "../../src/analysis/entropy";

/** A few units in the last place of float64: sums of at most 64 terms. */
const BOUND = 64 * Number.EPSILON;

describe("entropy", () => {
  test("of equal weights over n tokens is ln n", () => {
    for (const n of [1, 2, 3, 7, 64]) {
      expect(Math.abs(entropy(new Float64Array(n).fill(1 / n)) - Math.log(n))).toBeLessThanOrEqual(BOUND);
    }
  });

  test("is 0 for all weight on one token, and zeros add nothing", () => {
    expect(entropy([0, 0, 1, 0])).toBe(0);
    expect(entropy([0.5, 0, 0.5])).toBe(entropy([0.5, 0.5]));
    expect(entropy([])).toBe(0);
  });

  test("of a geometric row agrees with its closed form", () => {
    // p_j = 2^-j for j = 1..30, the last twice: H = ln 2 (sum of j 2^-j, plus 30 2^-30).
    const weights = Array.from({ length: 30 }, (_, index) => 2 ** -(index + 1));
    weights.push(2 ** -30);
    const bits = weights.reduce((sum, p) => sum - p * Math.log2(p), 0);
    expect(Math.abs(bits - (2 - 2 ** -29))).toBeLessThanOrEqual(BOUND);
    expect(Math.abs(entropy(weights) - (2 - 2 ** -29) * Math.LN2)).toBeLessThanOrEqual(BOUND);
  });

  test("takes weights that do not sum to one as they are", () => {
    expect(entropy([0.25])).toBeCloseTo(0.25 * Math.log(4), 15);
  });

  test("refuses what is no weight", () => {
    expect(() => entropy([0.5, Number.NaN])).toThrow(
      "entropy: weights must be finite and at least 0, got NaN at 1",
    );
    expect(() => entropy([-0.1])).toThrow("got -0.1 at 0");
    expect(() => entropy([Number.POSITIVE_INFINITY])).toThrow("got Infinity");
  });
});

describe("rows of a matrix", () => {
  const causal = Float32Array.of(1, 0, 0, 0.5, 0.5, 0, 0.25, 0.25, 0.5);

  test("have an entropy each, and their mean belongs to the head", () => {
    const rows = rowEntropies(causal, 3);
    expect(rows).toHaveLength(3);
    expect(rows[0]).toBe(0);
    expect(rows[1]).toBeCloseTo(Math.LN2, 15);
    expect(rows[2]).toBeCloseTo(1.5 * Math.LN2, 15);
    expect(meanEntropy(causal, 3)).toBeCloseTo((2.5 * Math.LN2) / 3, 15);
  });

  test("need not be square, and must be whole", () => {
    expect(rowEntropies([1, 0, 0.5, 0.5, 0, 1], 2)).toHaveLength(3);
    expect(() => rowEntropies(causal, 2)).toThrow("whole rows of S >= 1, got 9 weights and S = 2");
    expect(() => rowEntropies([], 0)).toThrow("S = 0");
  });
});

test("rows that do not sum to one are taken as shares of their magnitudes, others stay", () => {
  const weights = Float32Array.of(0.25, 0.5, 0.25, 3, -1, 4, 0, 0, 0, 0.5, 0.5004, 0);
  const shares = [0.25, 0.5, 0.25, 3 / 8, 1 / 8, 4 / 8, 0, 0, 0, 0.5, Math.fround(0.5004), 0];
  expect(Array.from(asShares(weights, 3))).toEqual(shares);
});
