// Attention patterns of a model are softmax(q k / sqrt(D)) of the queries and keys that it had, computed again in float64.
import { describe, expect, test } from "vitest";
import { attentionPatterns } from "../../src/analysis/probe";
import { type Gpt, gpt } from "../../src/models/gpt";
import type { Tap } from "../../src/nn/taps";
import { heap } from "../../src/runtime/instance";
import { rng } from "../../src/tensor/rng";
import { floats, ids, scope } from "../../src/tensor/tensor";

const tokens = Array.from({ length: 48 }, (_, index) => (7 * index * index + 3 * index) % 31);
const T = tokens.length;
const H = 4;
const D = 6;

function model(layers = 2): Gpt {
  const made = gpt({ vocabulary: 31, context: 48, width: H * D, heads: H, layers }, rng(7));
  // Larger queries than a fresh model has, so that rows are far from uniform.
  for (const block of made.blocks) {
    const weight = floats(Object(block.attention.scores).query.weight);
    for (let i = 0; i < weight.length; i++) weight[i]! *= 400;
  }
  return made;
}

describe("attentionPatterns", () => {
  test("agrees with the float64 softmax, twice the error of naive float32 allowed", () => {
    scope(() => {
      const watched = model();
      const patterns = attentionPatterns(watched, tokens);
      expect(patterns.map(({ layer, head }) => layer * H + head)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
      const projections = queriesAndKeys(watched);
      let error = 0;
      let naiveError = 0;
      for (const { layer, head, weights } of patterns) {
        const { q, k } = projections[layer]!;
        const exact = causalSoftmax(q, k, head, (x) => x);
        const naive = causalSoftmax(q, k, head, Math.fround);
        error = Math.max(error, ...weights.map((w, index) => Math.abs(w - exact[index]!)));
        naiveError = Math.max(naiveError, ...naive.map((w, index) => Math.abs(w - exact[index]!)));
        expect(Math.max(...exact.slice(-T))).toBeGreaterThan(2 / T); // the comparison means something
      }
      expect(error).toBeLessThanOrEqual(2 * naiveError);
    });
  });

  test("rows are causal and sum to one", () => {
    scope(() => {
      for (const { weights } of attentionPatterns(model(), tokens)) {
        expect(weights).toHaveLength(T * T);
        for (let i = 0; i < T; i++) {
          const row = weights.subarray(i * T, (i + 1) * T);
          expect(row.subarray(i + 1).every((w) => w === 0)).toBe(true);
          expect(row.reduce((sum, w) => sum + w, 0)).toBeCloseTo(1, 5);
        }
      }
    });
  });

  test("keeps no memory, and the copies outlive the model's tensors", () => {
    scope(() => {
      const watched = model();
      attentionPatterns(watched, tokens);
      const before = heap().liveBytes;
      const patterns = attentionPatterns(watched, tokens);
      expect(heap().liveBytes).toBe(before);
      const first = patterns[0]!.weights.slice();
      attentionPatterns(watched, [...tokens].reverse());
      expect(patterns[0]!.weights).toEqual(first);
    });
  });

  test("a model without layers has none; no tokens are refused", () => {
    scope(() => {
      expect(attentionPatterns(model(0), tokens)).toEqual([]);
      expect(() => attentionPatterns(model(), [])).toThrow(
        "attentionPatterns: at least one token is needed, got none",
      );
    });
  });
});

function queriesAndKeys(watched: Gpt): { q: Float32Array; k: Float32Array }[] {
  const empty = new Float32Array();
  const found = watched.blocks.map((): { q: Float32Array; k: Float32Array } => ({ q: empty, k: empty }));
  const taps: Record<string, Tap> = {};
  found.forEach((entry, layer) => {
    taps[`blocks.${layer}.attention.scores.query`] = (x) => {
      entry.q = x.values();
    };
    taps[`blocks.${layer}.attention.scores.key`] = (x) => {
      entry.k = x.values();
    };
  });
  scope(() => void watched.logits(ids(tokens, [1, T]), { taps }));
  return found;
}

/**
 * q, k [T, H, D]; every operation rounded by `round`. Returns [T, T]. Weights are recomputed as exp(score - lse) from scores that are
 * summed anew, in an order of their own: that is the formula whose float32 error counts.
 */
function causalSoftmax(
  q: Float32Array,
  k: Float32Array,
  head: number,
  round: (x: number) => number,
): number[] {
  const scale = round(1 / Math.sqrt(D));
  const forwards = Array.from({ length: D }, (_, d) => d);
  const backwards = forwards.toReversed();
  const score = (i: number, j: number, order: number[]) => {
    const products = order.map((d) => round(q[(i * H + head) * D + d]! * k[(j * H + head) * D + d]!));
    return round(scale * products.reduce((sum, product) => round(sum + product), 0));
  };
  const weights = new Array<number>(T * T).fill(0);
  for (let i = 0; i < T; i++) {
    const scores = Array.from({ length: i + 1 }, (_, j) => score(i, j, forwards));
    const highest = Math.max(...scores);
    const sum = scores.reduce((total, s) => round(total + round(Math.exp(round(s - highest)))), 0);
    const lse = round(highest + round(Math.log(sum)));
    for (let j = 0; j <= i; j++) weights[i * T + j] = round(Math.exp(round(score(i, j, backwards) - lse)));
  }
  return weights;
}
