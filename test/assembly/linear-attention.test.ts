// Linear attention and its gradient: dense and with rows apart, causal and of all, with a past and with rows of nothing.
import { describe, expect, test } from "vitest";
import { linearAttention, linearAttentionGrad } from "../reference/linear-attention";
import { checkKernel, inout, input, noise, output, plus, runKernel, workspace } from "./battery";

const SIZES = [
  [0, 3],
  [1, 1],
  [2, 4],
  [7, 5],
  [9, 11],
  [5, 18],
] as const;

describe.each(SIZES.flatMap(([T, D]) => [true, false].map((causal) => ({ T, D, causal }))))(
  "T $T, D $D, causal $causal",
  (shape) => {
    const { T, D, causal } = shape;
    const size = T * D;
    const flag = causal ? 1 : 0;
    const [q, k] = [noise(size, 1, 0, 2), noise(size, 2, 0, 2)];
    const [v, dy] = [noise(size, 3), noise(size, 4)];
    const cells = D * D + D;
    const none = new Float32Array(cells);
    /** Sums of T D terms, then a quotient. */
    const tolerance = { relative: (8 + T + D) * 2 ** -23, absolute: (8 + T * D) * 2 ** -22 };

    test.each([0, 1])("with a past of %i", (past) => {
      const state = noise(cells, 5, 0, past);
      const wanted = linearAttention(q, k, v, state, shape);
      checkKernel({
        buffers: {
          y: output(size),
          totals: output(T),
          state: inout(state),
          q: input(q),
          k: input(k),
          v: input(v),
        },
        run: (K, at) => K.slinear_attention(at.y, at.totals, at.state, at.q, at.k, at.v, T, D, D, D, flag),
        expected: { y: wanted.y, totals: wanted.totals, state: wanted.state },
        tolerance,
      });
    });

    test("the gradient accumulates", () => {
      const { y, totals } = linearAttention(q, k, v, none, shape);
      const before = [6, 7, 8].map((seed) => noise(size, seed)) as [Float32Array, Float32Array, Float32Array];
      const { dq, dk, dv } = linearAttentionGrad(dy, q, k, v, shape);
      checkKernel({
        buffers: {
          ...{ dq: inout(before[0]), dk: inout(before[1]), dv: inout(before[2]), dy: input(dy) },
          ...{ y: input(y), totals: input(totals), q: input(q), k: input(k), v: input(v) },
          work: workspace(8 * cells),
        },
        run: (K, at) =>
          K.slinear_attention_grad(
            ...([at.dq, at.dk, at.dv, at.dy, at.y, at.totals, at.q, at.k, at.v, at.work] as const),
            ...([T, D, D, D, flag] as const),
          ),
        expected: { dq: plus(before[0], dq), dk: plus(before[1], dk), dv: plus(before[2], dv) },
        tolerance: { ...tolerance, absolute: 8 * tolerance.absolute },
      });
    });

    test("rows apart are left alone between", () => {
      const wide = 3 * D;
      const spread = (x: Float32Array) =>
        Float32Array.from({ length: T * wide }, (_, i) =>
          i % wide < D ? x[Math.floor(i / wide) * D + (i % wide)]! : 9,
        );
      const y = new Float32Array(T * wide).fill(7);
      const got = runKernel(
        {
          y: inout(y),
          totals: output(T),
          state: inout(none),
          q: input(spread(q)),
          k: input(spread(k)),
          v: input(spread(v)),
        },
        (K, at) => K.slinear_attention(at.y, at.totals, at.state, at.q, at.k, at.v, T, D, wide, wide, flag),
      );
      const dense = runKernel(
        { y: output(size), totals: output(T), state: inout(none), q: input(q), k: input(k), v: input(v) },
        (K, at) => K.slinear_attention(at.y, at.totals, at.state, at.q, at.k, at.v, T, D, D, D, flag),
      );
      const wanted = Array.from(y, (value, i) =>
        i % wide < D ? dense.y[Math.floor(i / wide) * D + (i % wide)]! : value,
      );
      expect(Array.from(got.y)).toEqual(wanted);
    });

    test("without any feature: zeros, and no gradient", () => {
      const nothing = new Float32Array(size);
      const made = runKernel(
        {
          y: output(size),
          totals: output(T),
          state: inout(none),
          q: input(nothing),
          k: input(k),
          v: input(v),
        },
        (K, at) => K.slinear_attention(at.y, at.totals, at.state, at.q, at.k, at.v, T, D, D, D, flag),
      );
      expect(made.y.every((value) => value === 0)).toBe(true);
      const slopes = runKernel(
        {
          ...{ dq: inout(nothing), dk: inout(nothing), dv: inout(nothing), dy: input(dy) },
          ...{ y: input(made.y), totals: input(made.totals), q: input(nothing), k: input(k), v: input(v) },
          work: workspace(8 * cells),
        },
        (K, at) =>
          K.slinear_attention_grad(
            ...([at.dq, at.dk, at.dv, at.dy, at.y, at.totals, at.q, at.k, at.v, at.work] as const),
            ...([T, D, D, D, flag] as const),
          ),
      );
      for (const name of ["dq", "dk", "dv"] as const)
        expect(slopes[name].every((value) => value === 0)).toBe(true);
    });
  },
);
