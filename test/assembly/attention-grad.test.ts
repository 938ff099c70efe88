// The gradient of fused attention against the float64 twin's analytic gradient, which is itself checked by central differences.
import { describe, expect, it } from "vitest";
import { kernels } from "../../src/runtime/instance";
import { type AttentionShape, attention, attentionGradient } from "../reference/attention";
import { attentionInputs, attentionShape, attentionStrides, SHAPES } from "./attention-cases";
import { checkKernel, inout, input, noise, plus, type Tolerance, workspace } from "./battery";

/**
 * Twice the error of plain float32 loops that accumulate into the same gradients: up to 2.5e-6 (1 + |reference|) on these shapes
 * over 8 seeds, in dv of 131 tokens.
 */
const TOLERANCE = { relative: 4.9e-6, absolute: 4.9e-6 };
/** The same for the extreme logits, where plain loops were off by up to 3.6e-3 over 40 seeds. */
const EXTREME_TOLERANCE = { relative: 7e-3, absolute: 7e-3 };

describe("the float64 twin", () => {
  const shape = attentionShape({ heads: 2, tokens: 4, sources: 6, dim: 3, causal: true });
  const { dout, ...inputs } = attentionInputs(shape, 1);
  const gradient = attentionGradient(shape, inputs, dout);
  it.each(["q", "k", "v"] as const)("agrees with central differences in %s", (name) => {
    const objective = (values: Float64Array) =>
      attention(shape, { ...inputs, [name]: values }).out.reduce((sum, x, i) => sum + x * dout[i]!, 0);
    const step = 1e-5;
    inputs[name].forEach((x, i) => {
      const values = Float64Array.from(inputs[name]);
      values[i] = x + step;
      const above = objective(values);
      values[i] = x - step;
      const difference = (above - objective(values)) / (2 * step);
      expect(gradient[`d${name}`][i]).toBeCloseTo(difference, 8);
    });
  });
});

describe("sattention_grad", () => {
  it.each(Object.keys(SHAPES))("%s", (name) => {
    for (const shape of SHAPES[name]!) check(shape, 5, 2, TOLERANCE);
  });

  it("does not overflow for logits of +-1e4", () => {
    const shape = attentionShape({ tokens: 21, sources: 70, dim: 8, causal: true });
    for (let seed = 1; seed <= 10; seed++) check(shape, seed, 100, EXTREME_TOLERANCE);
  });
});

function check(shape: AttentionShape, seed: number, reach: number, tolerance: Tolerance): void {
  const { batch, heads, kvHeads, tokens, sources, dim, scale, causal } = shape;
  const { q, k, v, dout } = attentionInputs(shape, seed, reach);
  const { out, lse } = attention(shape, { q, k, v });
  const { dq, dk, dv } = attentionGradient(shape, { q, k, v }, dout);
  // The kernel accumulates.
  const before = { dq: noise(q.length, 7), dk: noise(k.length, 8), dv: noise(v.length, 9) };
  checkKernel({
    buffers: {
      dq: inout(before.dq),
      dk: inout(before.dk),
      dv: inout(before.dv),
      dout: input(dout),
      out: input(out),
      lse: input(lse),
      q: input(q),
      k: input(k),
      v: input(v),
      work: workspace(kernels().sattention_grad_workspace_bytes(tokens, sources, dim)),
    },
    run: (K, at) =>
      K.sattention_grad(
        at.dq,
        at.dk,
        at.dv,
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
        scale,
        causal ? 1 : 0,
      ),
    expected: { dq: plus(before.dq, dq), dk: plus(before.dk, dk), dv: plus(before.dv, dv) },
    tolerance,
  });
}
