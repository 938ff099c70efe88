// What masks make of the matrix of weights: its determinant, its rank, what gets through it, and what differs between a decoder with a
// prefix and one without.
import { describe, expect, test } from "vitest";
import { masks } from "../../src/attention/mask";
import { gpt } from "../../src/models/gpt";
import { namedParameters } from "../../src/nn/module";
import { attention, attentionWeights } from "../../src/ops/attention";
import { queryKey } from "../../src/ops/attention-products";
import { linearAttention } from "../../src/ops/linear-attention";
import { rng } from "../../src/tensor/rng";
import { valueAndGradients } from "../../src/tensor/tape";
import { ids, scope, type Tensor, tensor } from "../../src/tensor/tensor";
import { expectClose, noise } from "../assembly/battery";
import { chunks, make, run, WIDTH } from "./closed-forms";

describe("the matrix of weights", () => {
  test("causal, of zero scores: 1 / (i + 1), with determinant 1 / n!", () => {
    scope(() => {
      const { weights } = run(make({ mask: "causal" }, 8), new Array(8 * WIDTH).fill(0));
      const determinant = weights.slice(0, 8).reduce((product, row, i) => product * row[i]!, 1);
      expect(determinant).toBeCloseTo(2.480159e-5, 10);
      weights.slice(0, 8).forEach((row, i) => {
        row.forEach((value, j) => {
          expect(value).toBeCloseTo(j <= i ? 1 / (i + 1) : 0, 6);
        });
      });
    });
  });

  test.each([16, 32])(
    "causal, of %i tokens: the values from the outputs, the determinant from the diagonal",
    (T) => {
      scope(() => {
        const layer = make({ mask: "causal", scale: "inverse-sqrt" }, T);
        const { weights } = run(layer, noise(T * WIDTH, 7, -1, 1));
        const A = weights.slice(0, T);
        const v = Array.from(noise(T, 8));
        const o = A.map((row) => row.reduce((sum, a, j) => sum + a * v[j]!, 0));
        const found: number[] = [];
        for (const [i, row] of A.entries()) {
          expect(row[i]).toBeGreaterThan(0);
          found.push((o[i]! - found.reduce((sum, value, j) => sum + row[j]! * value, 0)) / row[i]!);
        }
        expectClose(found, v, { relative: 0, absolute: 1e-8 });
        const { sign, logDeterminant, rank } = eliminated(A, 0);
        const logDiagonal = A.reduce((sum, row, i) => sum + Math.log(row[i]!), 0);
        expect([sign, rank]).toEqual([1, T]);
        expect(Math.abs(logDeterminant / logDiagonal - 1)).toBeLessThan(1e-6);
      });
    },
  );

  test("causal, of scores far apart: a diagonal that is 0 in float32 still has its logarithm", () => {
    scope(() => {
      const [q, k] = [
        [1, 1, 1],
        [150, 0, 149],
      ].map((values) => tensor(values, [1, 3, 1, 1]));
      const options = { scale: 1, causal: true };
      const { lse } = attention(q!, k!, k!, options);
      const weights = chunks(attentionWeights(q!, k!, lse, options).values(), 3);
      expect(weights[1]![1]).toBe(0);
      const logs = Array.from(lse.values(), (value, i) => [150, 0, 149][i]! - value);
      for (const [i, wanted] of [0, -150, -1 - Math.log(1 + Math.exp(-1))].entries())
        expectClose([logs[i]!], [wanted], { relative: 1e-4, absolute: 1e-4 });
    });
  });

  test("bidirectional, of zero scores: rank 1; scores have at most the rank of a head's width", () => {
    scope(() => {
      const { weights } = run(make({}, 8), new Array(8 * WIDTH).fill(0));
      expect(eliminated(weights.slice(0, 8), 0).rank).toBe(1);
      expect(weights.slice(0, 8).flat()).toEqual(new Array(64).fill(1 / 8));
      for (const D of [1, 3, 5]) {
        // Whole numbers, whose products are exact.
        const [q, k] = [1, 2].map((seed) => tensor(noise(9 * D, seed, -8, 8).map(Math.round), [1, 9, 1, D]));
        expect(eliminated(chunks(queryKey(q!, k!, 1).values(), 9), 1e-12).rank).toBe(D);
      }
    });
  });

  test("softmax of scores of rank 1 has full rank and the determinant of Vandermonde", () => {
    scope(() => {
      const places = [-2, -1, 0, 1, 2];
      const q = tensor(places, [1, 5, 1, 1]);
      const options = { scale: 1, causal: false };
      const A = chunks(attentionWeights(q, q, attention(q, q, q, options).lse, options).values(), 5);
      expect(eliminated(chunks(queryKey(q, q, 1).values(), 5), 0).rank).toBe(1);
      // Row i holds x_j^i over its sum, x_j = e^j.
      const x = places.map(Math.exp);
      const sums = places.map((i) => x.reduce((sum, base) => sum + base ** i, 0));
      const differences = x.flatMap((high, j) => x.slice(0, j).map((low) => high - low));
      const shift = x.reduce((product, base) => product * base ** -2, 1);
      const wanted = differences.reduce((product, value) => product * value, shift);
      const { sign, logDeterminant, rank } = eliminated(A, 1e-6);
      expect([sign, rank]).toEqual([1, 5]);
      const logSums = sums.reduce((total, sum) => total + Math.log(sum), 0);
      expect(logDeterminant).toBeCloseTo(Math.log(wanted) - logSums, 5);
    });
  });

  test("linear attention has at most as much rank as features, under a causal mask all unless the diagonal has a zero", () => {
    scope(() => {
      const [T, D] = [9, 3];
      const features = (seed: number) => noise(T * D, seed, 0.1, 2);
      const matrix = (q: Float32Array, k: Float32Array, causal: boolean) => {
        // Values that are columns of the identity, as many as there are features at a time.
        const parts = [0, 1, 2].map((part) => {
          const v = Float32Array.from({ length: T * D }, (_, i) =>
            Math.floor(i / D) === part * D + (i % D) ? 1 : 0,
          );
          const [Q, K, V] = [q, k, v].map((values) => tensor(values, [1, T, 1, D])) as [
            Tensor,
            Tensor,
            Tensor,
          ];
          return chunks(linearAttention(Q, K, V, { causal }).values(), D);
        });
        return Array.from({ length: T }, (_, i) => parts.flatMap((rows) => rows[i]!));
      };
      const [q, k] = [features(1), features(2)];
      expect(eliminated(matrix(q, k, false), 1e-5).rank).toBe(D);
      const causal = matrix(q, k, true);
      expect(causal.flatMap((row, i) => row.slice(i + 1))).toEqual(new Array((T * (T - 1)) / 2).fill(0));
      const { rank, logDeterminant } = eliminated(causal, 1e-5);
      expect(rank).toBe(T);
      expect(logDeterminant).toBeCloseTo(
        causal.reduce((sum, row, i) => sum + Math.log(row[i]!), 0),
        6,
      );
      // The fifth token asks for a feature that its own key has not.
      q.set([1, 0, 0], 4 * D);
      k.set([0, 1, 1], 4 * D);
      expect(eliminated(matrix(q, k, true), 1e-5).rank).toBe(T - 1);
    });
  });

  test("prefix: the prefix sees itself whole, what follows as under a causal mask; of one token or of none it is the causal mask, bit for bit", () => {
    scope(() => {
      const x = noise(6 * WIDTH, 9);
      const { weights } = run(make({ mask: "prefix", prefix: 3 }, 6), x);
      weights.slice(0, 6).forEach((row, i) => {
        expect(row.map((value) => value > 0)).toEqual(row.map((_, j) => j <= Math.max(i, 2)));
      });
      // Under rerope both masks take the composed way, which alone has the prefix.
      const causal = run(make({ mask: "causal", position: "rerope" }, 6), x);
      for (const prefix of [0, 1])
        expect(run(make({ mask: "prefix", prefix, position: "rerope" }, 6), x)).toEqual(causal);
    });
  });

  test("half the heads see what comes before, the others what comes after", () => {
    scope(() => {
      const { weights } = run(make({ mask: "half-heads" }, 5), noise(5 * WIDTH, 9));
      weights.forEach((row, r) => {
        const [head, i] = [Math.floor(r / 5), r % 5];
        expect(row.map((value) => value > 0)).toEqual(row.map((_, j) => (head === 0 ? j <= i : j >= i)));
      });
    });
  });

  test.each([
    ["prefix-half-heads", 0],
    ["prefix-alternating-layers", 1],
  ] as const)(
    "%s: within the prefix both triangles, and what follows sees what came before",
    (mask, layer) => {
      const allowed = (head: number) =>
        chunks(
          Array.from({ length: 25 }, (_, i) =>
            Number(
              masks[mask].allowed(Math.floor(i / 5), i % 5, { layer, head, heads: 2, window: 1, prefix: 3 }),
            ),
          ),
          5,
        );
      const lower = [
        [1, 0, 0, 0, 0],
        [1, 1, 0, 0, 0],
        [1, 1, 1, 0, 0],
        [1, 1, 1, 1, 0],
        [1, 1, 1, 1, 1],
      ];
      const upper = [[1, 1, 1, 0, 0], [0, 1, 1, 0, 0], [0, 0, 1, 0, 0], ...lower.slice(3)];
      expect(allowed(1)).toEqual(upper);
      expect(allowed(0)).toEqual(mask === "prefix-half-heads" ? lower : upper);
    },
  );

  test("a window that shows as much as there is equals the causal mask", () => {
    scope(() => {
      const x = noise(6 * WIDTH, 9);
      const whole = run(make({ mask: "causal", position: "rope" }, 6), x);
      expect(run(make({ mask: "sliding-window", window: 6, position: "rope" }, 6), x)).toEqual(whole);
      expect(run(make({ mask: "sliding-window", window: 5, position: "rope" }, 6), x)).not.toEqual(whole);
    });
  });
});

describe("models", () => {
  const T = 7;
  const sizes = { vocabulary: 11, context: T, width: WIDTH, heads: 2 };
  const tokens = [3, 1, 4, 1, 5, 9, 2];
  const targets = [1, 4, 1, 5, 9, 2, 6];

  test("of two layers that look back and forth see everything, of one what came before", () => {
    scope(() => {
      for (const layers of [1, 2, 3]) {
        const model = gpt({ ...sizes, layers, mask: "alternating-layers" }, rng(1));
        const logits = (input: readonly number[]) => chunks(model.logits(ids(input, [1, T])).values(), 11);
        const usual = logits(tokens);
        for (let source = 0; source < T; source++) {
          const changed = logits(tokens.map((token, i) => (i === source ? 10 : token)));
          const seen = changed.map((row, i) => row.some((value, c) => value !== usual[i]![c]));
          expect(seen).toEqual(seen.map((_, i) => layers > 1 || i >= source));
        }
      }
    });
  });

  test("with a prefix of one token or none, a decoder with a prefix is the causal one: loss and gradients", () => {
    scope(() => {
      const [x, y] = [tokens, targets].map((values) => ids(values, [1, T]));
      const trained = (config: { mask: "causal" | "prefix"; prefix?: number }, wanted = y!) => {
        // Under rerope both take the composed way, which alone has the prefix.
        const model = gpt({ ...sizes, ...config, position: "rerope" }, rng(1));
        const parameters = [...namedParameters(model).values()];
        const { value, gradients } = valueAndGradients(() => model.loss(x!, wanted), parameters);
        return { value, gradients: gradients.map((gradient) => gradient.values()) };
      };
      const causal = trained({ mask: "causal" });
      for (const prefix of [0, 1]) expect(trained({ mask: "prefix", prefix })).toEqual(causal);
      // Of a longer one what it shows is no target: only outputs count, as in a causal decoder that is told so.
      const outputs = (first: number) =>
        ids(
          targets.map((target, i) => (i < first ? -1 : target)),
          [1, T],
        );
      expect(trained({ mask: "prefix", prefix: 4 })).toEqual(
        trained({ mask: "prefix", prefix: 4 }, outputs(3)),
      );
      expect(trained({ mask: "prefix", prefix: 4 }).value).not.toBe(
        trained({ mask: "causal" }, outputs(3)).value,
      );
    });
  });
});

/** Gaussian elimination with full pivoting; pivots below `least` times the first one count as zeros. */
function eliminated(
  matrix: readonly (readonly number[])[],
  least: number,
): { rank: number; sign: number; logDeterminant: number } {
  const rows = matrix.map((row) => [...row]);
  const n = rows.length;
  let [sign, logDeterminant, largest] = [1, 0, 0];
  for (let step = 0; step < n; step++) {
    let [r, c] = [step, step];
    for (let i = step; i < n; i++)
      for (let j = step; j < n; j++) if (Math.abs(rows[i]![j]!) > Math.abs(rows[r]![c]!)) [r, c] = [i, j];
    const pivot = rows[r]![c]!;
    largest ||= Math.abs(pivot);
    if (Math.abs(pivot) <= least * largest) return { rank: step, sign: 0, logDeterminant: -Infinity };
    if (r !== step) sign = -sign;
    if (c !== step) sign = -sign;
    sign *= Math.sign(pivot);
    logDeterminant += Math.log(Math.abs(pivot));
    [rows[step], rows[r]] = [rows[r]!, rows[step]!];
    for (const row of rows) [row[step], row[c]] = [row[c]!, row[step]!];
    for (const row of rows.slice(step + 1)) {
      const factor = row[step]! / pivot;
      for (let j = step; j < n; j++) row[j] = row[j]! - factor * rows[step]![j]!;
    }
  }
  return { rank: n, sign, logDeterminant };
}
