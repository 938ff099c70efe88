// Attention rollout against closed forms.
import { expect, test } from "vitest";
import { attentionPatterns } from "../../src/analysis/probe";
import { attentionRollout } from "../../src/analysis/rollout";
import { scope } from "../../src/tensor/tensor";
import { distance } from "../reference/compare";
import { gptOf, T, tokens } from "./models";

const head = (layer: number, number: number, weights: number[]) => ({
  layer,
  head: number,
  weights: Float32Array.from(weights),
});

test("of one layer it is half of the mean pattern and half of the token itself", () => {
  const rollout = attentionRollout([head(0, 0, [1, 0, 0.5, 0.5]), head(0, 1, [1, 0, 1, 0])], 2);
  expect(Array.from(rollout.values)).toEqual([1, 0, 3 / 8, 5 / 8]);
});

test("of heads that look at the token before it is a binomial distribution over layers", () => {
  const [layers, N] = [4, 7];
  const before = Array.from({ length: N * N }, (_, at) =>
    Number(at % N === Math.max(0, Math.floor(at / N) - 1)),
  );
  const rollout = attentionRollout(
    Array.from({ length: layers }, (_, layer) => head(layer, 0, before)),
    N,
  );
  const choose = [1, 4, 6, 4, 1];
  const last = Array.from({ length: N }, (_, source) => (choose[N - 1 - source] ?? 0) / 2 ** layers);
  expect(distance(rollout.values.slice(-N), last)).toBeLessThan(1e-15);
});

test("rows of a model's rollout are causal and sum to one; without layers a token is itself", () => {
  scope(() => {
    const { values } = attentionRollout(attentionPatterns(gptOf(), tokens), T);
    for (let i = 0; i < T; i++) {
      const row = values.subarray(i * T, (i + 1) * T);
      expect(Math.abs(row.reduce((sum, value) => sum + value, 0) - 1)).toBeLessThan(1e-5);
      expect(row.subarray(i + 1).every((value) => value === 0)).toBe(true);
    }
    expect(Array.from(attentionRollout([], 2).values)).toEqual([1, 0, 0, 1]);
  });
});

test("rows that are no shares, and patterns of another size, are refused", () => {
  scope(() => {
    const patterns = attentionPatterns(gptOf({ normalizer: "relu2" }), tokens);
    expect(() => attentionRollout(patterns, T)).toThrow(
      /rollout: rows of weights must sum to 1, row \d of L0H0 sums to/,
    );
    expect(() => attentionRollout([head(1, 2, [1])], 2)).toThrow(
      "rollout: patterns must be [2, 2], L1H2 has 1 weights",
    );
  });
});
