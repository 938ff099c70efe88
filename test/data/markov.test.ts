// The chain is one (rows, stationarity, Dirichlet moments), and its samples follow it.
import { describe, expect, test } from "vitest";
import { markovChain } from "../../src/data/markov";
import { digest } from "../../src/math/digest";
import { rng } from "../../src/tensor/rng";

const chain = markovChain({ vocabulary: 32, concentration: 0.3, rng: rng(0) });
const V = 32;

describe("markovChain", () => {
  test("rows sum to one and pi P = pi", () => {
    for (let x = 0; x < V; x++) expect(sum(chain.transition.subarray(x * V, x * V + V))).toBeCloseTo(1, 14);
    const after = Array.from({ length: V }, (_, y) =>
      sum(chain.stationary.map((p, x) => p * chain.transition[x * V + y]!)),
    );
    for (let y = 0; y < V; y++) expect(Math.abs(after[y]! / chain.stationary[y]! - 1)).toBeLessThan(1e-13);
    expect(sum(chain.stationary)).toBeCloseTo(1, 14);
  });

  test("the stationary distribution of a chain of two states, by its formula", () => {
    const { transition, stationary } = markovChain({ vocabulary: 2, concentration: 1, rng: rng(3) });
    expect(stationary[0]).toBeCloseTo(transition[2]! / (transition[1]! + transition[2]!), 14);
  });

  test.each([0.05, 0.3, 1, 5])("entries have the moments of Dirichlet(%d)", (concentration) => {
    const size = 10;
    const entries: number[] = [];
    for (let seed = 0; seed < 200; seed++) {
      entries.push(...markovChain({ vocabulary: size, concentration, rng: rng(seed) }).transition);
    }
    // Mean 1/V is exact by the rows' sums; E[p^2] = (a + 1) / (V (V a + 1)).
    const square = entries.reduce((total, p) => total + p * p, 0) / entries.length;
    const expected = (concentration + 1) / (size * (size * concentration + 1));
    // Rows are independent: 2000 rows, deviation of a row's mean square below its expectation's size.
    expect(Math.abs(square / expected - 1)).toBeLessThan(4 / Math.sqrt(2000));
    expect(entries.every((p) => p >= 0 && p <= 1)).toBe(true);
  });

  test("the entropies of Dirichlet(0.3) over 32 symbols average psi(10.6) - psi(1.3) given the last symbol", () => {
    const chains = Array.from({ length: 30 }, (_, seed) =>
      markovChain({ vocabulary: V, concentration: 0.3, rng: rng(seed) }),
    );
    const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
    // E[H] of a Dirichlet(a) row over V symbols is psi(V a + 1) - psi(a + 1); pi weighs the rows a little.
    expect(
      Math.abs(mean(chains.map((one) => one.bigramEntropy)) - (digamma(10.6) - digamma(1.3))),
    ).toBeLessThan(0.03);
    for (const { unigramEntropy, bigramEntropy } of chains) {
      expect(unigramEntropy).toBeLessThan(Math.log(32));
      expect(unigramEntropy).toBeGreaterThan(bigramEntropy + 0.5);
    }
  });

  test("pairs and sequences follow the chain", () => {
    const small = markovChain({ vocabulary: 3, concentration: 1, rng: rng(7) });
    const count = 30_000;
    const joint = (inputs: Int32Array, targets: Int32Array) => {
      const cells = new Float64Array(9);
      inputs.forEach((x, i) => {
        cells[x * 3 + targets[i]!]! += 1 / inputs.length;
      });
      return cells;
    };
    const { inputs, targets } = small.pairs(count, rng(8));
    const tokens = small.sequence(count + 1, rng(9));
    for (const cells of [joint(inputs, targets), joint(tokens.subarray(0, count), tokens.subarray(1))]) {
      cells.forEach((share, i) => {
        const p = small.stationary[Math.floor(i / 3)]! * small.transition[i]!;
        // Six standard errors: steps of a sequence are dependent.
        expect(Math.abs(share - p)).toBeLessThan(6 * Math.sqrt((p * (1 - p)) / count) + 1e-12);
      });
    }
  });

  test("the same bits in Node and in Chromium", () => {
    expect(
      digest([...chain.transition, ...chain.stationary, chain.bigramEntropy, ...chain.sequence(50, rng(1))]),
    ).toBe("cfd7c30d8634858b");
  });

  test.each([
    [1, 1, "vocabulary must be a whole number of at least 2, got 1"],
    [2.5, 1, "got 2.5"],
    [4, 0, "concentration must lie between 0.05 and 1e6, got 0"],
    [4, NaN, "got NaN"],
  ])("vocabulary %d with concentration %d is refused", (vocabulary, concentration, message) => {
    expect(() => markovChain({ vocabulary, concentration, rng: rng(0) })).toThrow(message);
  });
});

function sum(values: ArrayLike<number>): number {
  return Array.from(values).reduce((a, b) => a + b, 0);
}

/** psi(x) by its recurrence and asymptotic series. */
function digamma(x: number): number {
  if (x < 20) return digamma(x + 1) - 1 / x;
  return Math.log(x) - 1 / (2 * x) - 1 / (12 * x ** 2) + 1 / (120 * x ** 4);
}
