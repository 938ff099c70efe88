// The gradient of fused attention against the float64 twin's analytic gradient, which is itself checked by central differences.
import { describe, expect, it } from "vitest";
import { kernels } from "../../src/runtime/instance";
import { type AttentionShape, attention, attentionGradient } from "../reference/attention";
import {
  attentionInputs,
  attentionShape,
  attentionStrides,
  SHAPES,
  TERM_SHAPES,
  termArguments,
  termBuffers,
} from "./attention-cases";
import {
  absent,
  checkKernel,
  inout,
  input,
  noise,
  plus,
  runKernel,
  type Tolerance,
  workspace,
} from "./battery";

/**
 * Twice the error of plain float32 loops that accumulate into the same gradients: up to 2.5e-6 (1 + |reference|) on these shapes
 * over 8 seeds, in dv of 131 tokens.
 */
const TOLERANCE = { relative: 4.9e-6, absolute: 4.9e-6 };
/** The same with score terms: 5.5e-6, in the gradient of a bias that all pairs share. */
const TERMS_TOLERANCE = { relative: 1.1e-5, absolute: 1.1e-5 };
/** The same for the extreme logits, where plain loops were off by up to 3.6e-3 over 40 seeds. */
const EXTREME_TOLERANCE = { relative: 7e-3, absolute: 7e-3 };

describe("the float64 twin", () => {
  const shape = attentionShape({
    heads: 2,
    tokens: 4,
    sources: 6,
    dim: 3,
    causal: true,
    before: 3,
    rowScales: [0.5, 1, 0, 1.5],
    bias: { table: noise(6, 20), width: 3, zero: 2 },
    keyMask: [1, 1, 0, 1, 1, 1],
  });
  const { dout, ...inputs } = attentionInputs(shape, 1);
  const { dq, dk, dv, dbias } = attentionGradient(shape, inputs, dout);
  const withBias = (table: ArrayLike<number>) => ({ ...shape, bias: { ...shape.bias!, table } });
  it.each([
    ["q", inputs.q, dq, (q: Float64Array) => attention(shape, { ...inputs, q })],
    ["k", inputs.k, dk, (k: Float64Array) => attention(shape, { ...inputs, k })],
    ["v", inputs.v, dv, (v: Float64Array) => attention(shape, { ...inputs, v })],
    ["the bias", shape.bias!.table, dbias, (table: Float64Array) => attention(withBias(table), inputs)],
  ])("agrees with central differences in %s", (_, values, gradient, run) => {
    const objective = (moved: Float64Array) => run(moved).out.reduce((sum, x, i) => sum + x * dout[i]!, 0);
    const step = 1e-5;
    Array.from(values).forEach((x, i) => {
      const moved = Float64Array.from(values);
      moved[i] = x + step;
      const above = objective(moved);
      moved[i] = x - step;
      expect(gradient[i]).toBeCloseTo((above - objective(moved)) / (2 * step), 8);
    });
  });
});

describe("sattention_grad", () => {
  it.each(Object.keys(SHAPES))("%s", (name) => {
    const tolerance = name === TERM_SHAPES ? TERMS_TOLERANCE : TOLERANCE;
    for (const shape of SHAPES[name]!) check(shape, 5, 2, tolerance);
  });

  it("has the same bits for one batch item and key/value head at a time", () => {
    const shape = attentionShape({
      batch: 2,
      heads: 4,
      kvHeads: 2,
      tokens: 70,
      sources: 75,
      dim: 6,
      after: 2,
      bias: { table: noise(4 * 21, 20), width: 21, zero: 10 },
      rowScales: noise(140, 21, 0, 2),
      keyCounts: [75, 40],
      keyMask: noise(150, 22, 0, 1).map((x) => (x < 0.8 ? 1 : 0)),
    });
    const { dq, dk, dv, dbias } = gradients(shape, 2, 2);
    const cut = gradients(shape, 1, 1);
    expect(cut.dq).toEqual(dq);
    expect(cut.dk).toEqual(dk);
    expect(cut.dv).toEqual(dv);
    // Per batch item they differ; their sum in order is what one call adds up.
    const summed = dbias.subarray(0, dbias.length / 2);
    const items = [cut.dbias.subarray(0, summed.length), cut.dbias.subarray(summed.length)];
    expect(summed).toEqual(items[0]!.map((x, i) => Math.fround(x + items[1]![i]!)));
    expect(items[1]!.every((x) => x === 0)).toBe(false);
  });

  it("does not overflow for logits of +-1e4", () => {
    const shape = attentionShape({ tokens: 21, sources: 70, dim: 8, causal: true });
    for (let seed = 1; seed <= 10; seed++) check(shape, seed, 100, EXTREME_TOLERANCE);
  });
});

/** All gradients, from calls for so many batch items and key/value heads. dbias has a place per item, which calls for one use. */
function gradients(shape: AttentionShape, items: number, kvHeads: number) {
  const { batch, heads, tokens, sources, dim, bias } = shape;
  const { q, k, v, dout } = attentionInputs(shape, 6);
  const { out, lse } = attention(shape, { q, k, v });
  const group = heads / shape.kvHeads;
  const [q_bs, , q_hs, k_bs, , k_hs] = attentionStrides(shape);
  const width = bias?.width ?? 0;
  return runKernel(
    {
      dq: inout(q.map(() => 0)),
      dk: inout(k.map(() => 0)),
      dv: inout(v.map(() => 0)),
      dbias: inout(new Float32Array(batch * heads * width)),
      dout: input(dout),
      out: input(out),
      lse: input(lse),
      q: input(q),
      k: input(k),
      v: input(v),
      ...termBuffers(shape),
      work: workspace(kernels().sattention_grad_workspace_bytes(tokens, sources, dim)),
    },
    (K, at) => {
      for (let b = 0; b < batch; b += items) {
        for (let g = 0; g < shape.kvHeads; g += kvHeads) {
          const query = 4 * (b * q_bs + g * group * q_hs);
          const key = 4 * (b * k_bs + g * k_hs);
          const terms = {
            rowScales: at.rowScales + 4 * b * tokens,
            bias: at.bias + 4 * g * group * width,
            keyCounts: at.keyCounts + 4 * b,
            keyMask: at.keyMask + 4 * b * sources,
          };
          K.sattention_grad(
            at.dq + query,
            at.dk + key,
            at.dv + key,
            at.dbias + 4 * (b * heads + g * group) * width,
            at.dout + query,
            at.out + query,
            at.lse + 4 * (b * heads + g * group) * tokens,
            at.q + query,
            at.k + key,
            at.v + key,
            at.work,
            items,
            kvHeads * group,
            kvHeads,
            tokens,
            sources,
            dim,
            ...attentionStrides(shape),
            ...termArguments(shape, terms),
            items === 1 ? heads * width : 0,
          );
        }
      }
    },
  );
}

function check(shape: AttentionShape, seed: number, reach: number, tolerance: Tolerance): void {
  const { batch, heads, kvHeads, tokens, sources, dim } = shape;
  const { q, k, v, dout } = attentionInputs(shape, seed, reach);
  const { out, lse } = attention(shape, { q, k, v });
  const { dq, dk, dv, dbias } = attentionGradient(shape, { q, k, v }, dout);
  // The kernel accumulates.
  const before = {
    dq: noise(q.length, 7),
    dk: noise(k.length, 8),
    dv: noise(v.length, 9),
    dbias: noise(dbias.length, 10),
  };
  checkKernel({
    buffers: {
      dq: inout(before.dq),
      dk: inout(before.dk),
      dv: inout(before.dv),
      dbias: shape.bias ? inout(before.dbias) : absent(),
      dout: input(dout),
      out: input(out),
      lse: input(lse),
      q: input(q),
      k: input(k),
      v: input(v),
      ...termBuffers(shape),
      work: workspace(kernels().sattention_grad_workspace_bytes(tokens, sources, dim)),
    },
    run: (K, at) =>
      K.sattention_grad(
        at.dq,
        at.dk,
        at.dv,
        at.dbias,
        at.dout,
        at.out,
        at.lse,
        at.q,
        at.k,
        at.v,
        at.work,
        batch,
        heads,
        kvHeads,
        tokens,
        sources,
        dim,
        ...attentionStrides(shape),
        ...termArguments(shape, at),
        0,
      ),
    expected: {
      dq: plus(before.dq, dq),
      dk: plus(before.dk, dk),
      dv: plus(before.dv, dv),
      dbias: plus(before.dbias, dbias),
    },
    tolerance,
  });
}
