// Attention patterns of a model are softmax(q k / sqrt(D)) of the queries and keys that it had, computed again in float64.
import { describe, expect, test } from "vitest";
import { attentionPatterns, joinTaps, probe } from "../../src/analysis/probe";
import { type Gpt, gpt } from "../../src/models/gpt";
import { Run } from "../../src/nn/run";
import type { Tap } from "../../src/nn/taps";
import { scale } from "../../src/ops/arithmetic";
import { heap } from "../../src/runtime/instance";
import { rng } from "../../src/tensor/rng";
import { floats, ids, scope, type Tensor, tensor } from "../../src/tensor/tensor";

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

describe("probe", () => {
  const few = tokens.slice(0, 5);

  test("copies what is named, by exact path, and nothing else stays", () => {
    scope(() => {
      const watched = model();
      const before = heap().liveBytes;
      const found = probe(watched, few, ["hook_pattern", "blocks.1.resid_pre", "logits"]);
      expect(heap().liveBytes).toBe(before);
      const shapes = Object.fromEntries(Object.entries(found).map(([path, { shape }]) => [path, shape]));
      expect(shapes).toEqual({
        "blocks.0.attention.weights": [1, H, 5, 5],
        "blocks.1.input": [1, 5, H * D],
        "blocks.1.attention.weights": [1, H, 5, 5],
        logits: [1, 5, 31],
      });
      expect(found.logits!.data).toEqual(watched.logits(ids(few, [1, 5])).values());
    });
  });

  test("reads several sequences at once, each as it is read alone", () => {
    scope(() => {
      const watched = model();
      const sequences = [few, tokens.slice(7, 12)];
      const both = probe(watched, sequences, "blocks.*.attention.weights.2");
      for (const [b, sequence] of sequences.entries()) {
        for (const [path, { data }] of Object.entries(
          probe(watched, sequence, "blocks.*.attention.weights.2"),
        ))
          expect(data).toEqual(both[path]!.data.slice(25 * b, 25 * (b + 1)));
      }
    });
  });

  test("everything at once is everything", () => {
    scope(() => {
      const watched = model();
      expect(Object.keys(probe(watched, few, watched.tapPaths)).sort()).toEqual([...watched.tapPaths].sort());
    });
  });

  test("sees what other taps made of it", () => {
    scope(() => {
      const watched = model();
      const [plain, doubled] = [{}, { "blocks.0.output": (x: Tensor) => scale(x, 2) }].map((taps) =>
        probe(watched, few, ["blocks.0.output", "blocks.1.input"], taps),
      );
      for (const path of ["blocks.0.output", "blocks.1.input"])
        expect(doubled![path]!.data).toEqual(plain![path]!.data.map((value) => 2 * value));
    });
  });

  test("refuses no tokens, sequences of different lengths, and names that mean nothing", () => {
    scope(() => {
      const watched = model();
      expect(() => probe(watched, [], "logits")).toThrow("probe: at least one token is needed, got none");
      expect(() => probe(watched, [few, [1, 2]], "logits")).toThrow(
        "probe: sequences must have one length, got 5 and 2; pad or cut them",
      );
      expect(() => probe(watched, few, "blocks.0.attention.pattern.9")).toThrow(
        "near it are blocks.0.attention.weights",
      );
    });
  });
});

test("joined taps act in turn where they have the same name", () => {
  scope(() => {
    const three = tensor([3]);
    const heard: number[] = [];
    const joined = joinTaps(
      { a: (x) => scale(x, 2), b: three, c: () => undefined },
      { a: (x) => scale(x, 5), b: (x) => void heard.push(x.item()), d: three },
    );
    expect(Object.keys(joined).sort()).toEqual(["a", "b", "c", "d"]);
    const run = new Run({ taps: joined });
    expect(run.tap("a", tensor([1])).item()).toBe(10);
    expect(run.tap("b", tensor([1])).item()).toBe(3);
    expect(heard).toEqual([3]);
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
