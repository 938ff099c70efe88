// Fused attention against its float64 twin: sizes around every tile, masks, grouped heads, strides, extreme logits.
import { describe, expect, it } from "vitest";
import { kernels } from "../../src/runtime/instance";
import { type AttentionInputs, type AttentionShape, attention } from "../reference/attention";
import {
  attentionInputs,
  attentionShape,
  attentionStrides,
  SHAPES,
  TERM_SHAPES,
  termArguments,
  termBuffers,
  windowOf,
} from "./attention-cases";
import { checkKernel, input, output, runKernel, type Tolerance, workspace } from "./battery";

/** Twice the error of plain float32 loops on these shapes, 7.6e-7 (1 + |reference|); sattention_weights: 3.0e-7. */
const TOLERANCE = { relative: 1.5e-6, absolute: 1.5e-6 };
const WEIGHTS_TOLERANCE = { relative: 6e-7, absolute: 6e-7 };
/** The same with score terms, which make larger logits: 7.5e-7 for sattention_weights. */
const TERMS_TOLERANCE = { relative: 1.5e-6, absolute: 1.5e-6 };
/** The same for the extreme logits, where plain loops were off by up to 6.4e-5 over 40 seeds. */
const EXTREME_TOLERANCE = { relative: 1.2e-4, absolute: 1.2e-4 };

describe("sattention", () => {
  it.each(Object.keys(SHAPES))("%s", (name) => {
    for (const shape of SHAPES[name]!) check(shape, attentionInputs(shape, 1), TOLERANCE);
  });

  it("does not overflow for logits of +-1e4", () => {
    const shape = attentionShape({ tokens: 21, sources: 70, dim: 8, causal: true });
    for (let seed = 1; seed <= 10; seed++) check(shape, attentionInputs(shape, seed, 100), EXTREME_TOLERANCE);
  });

  it("reads q, k and v through strides, as out of one packed qkv array", () => {
    const shape = attentionShape({
      batch: 2,
      heads: 3,
      kvHeads: 3,
      tokens: 9,
      sources: 9,
      dim: 5,
      causal: true,
    });
    const inputs = attentionInputs(shape, 3);
    const { batch, heads, tokens, dim } = shape;
    const width = heads * dim;
    const packed = new Float32Array(batch * tokens * 3 * width);
    [inputs.q, inputs.k, inputs.v].forEach((part, which) => {
      for (let row = 0; row < batch * tokens; row++) {
        packed.set(part.subarray(row * width, (row + 1) * width), (3 * row + which) * width);
      }
    });
    const expected = attention(shape, inputs);
    const strides = [tokens * 3 * width, 3 * width, dim] as const;
    const { out } = runKernel(
      {
        out: output(packed.length),
        lse: output(expected.lse.length),
        qkv: input(packed),
        work: workspace(kernels().sattention_workspace_bytes(tokens, tokens, dim)),
      },
      (K, at) => {
        const [q, k, v] = [at.qkv, at.qkv + 4 * width, at.qkv + 8 * width];
        K.sattention(
          at.out,
          at.lse,
          q,
          k,
          v,
          at.work,
          batch,
          heads,
          heads,
          tokens,
          tokens,
          dim,
          ...strides,
          ...strides,
          ...termArguments(shape, { rowScales: 0, bias: 0, keyCounts: 0, keyMask: 0 }),
          1,
        );
      },
    );
    for (let row = 0; row < batch * tokens; row++) {
      for (let d = 0; d < width; d++)
        expect(out[3 * row * width + d]).toBeCloseTo(expected.out[row * width + d]!, 5);
    }
  });
});

describe("memory", () => {
  it("grows with tokens times width: gradients of 16384 tokens, 64 wide, take less than 32 MB", () => {
    for (const tokens of [64, 512, 4096, 16384]) {
      const bytes = (kernel: "sattention" | "sattention_grad") =>
        kernels()[`${kernel}_workspace_bytes`](tokens, tokens, 64);
      const row = 4 * (64 + 5);
      expect(bytes("sattention")).toBeLessThanOrEqual(2 * tokens * row + 150_000);
      expect(bytes("sattention_grad")).toBeLessThanOrEqual(5 * tokens * row + 16 * tokens + 250_000);
      if (tokens === 16384) expect(bytes("sattention_grad")).toBeLessThan(32e6);
    }
  });
});

describe("sattention_weights", () => {
  it.each(Object.keys(SHAPES))("%s", (name) => {
    for (const shape of SHAPES[name]!) {
      const { batch, heads, kvHeads, tokens, sources, dim, scale } = shape;
      const inputs = attentionInputs(shape, 4);
      const expected = attention(shape, inputs);
      const [q_bs, q_ts, q_hs, k_bs, k_ts, k_hs] = attentionStrides(shape);
      const { bias, rowScales } = shape;
      const scalesStep = rowScales && rowScales.length > tokens ? tokens : 0;
      const after = (ptr: number, floats: number) => (ptr ? ptr + 4 * floats : 0);
      checkKernel({
        buffers: {
          w: output(batch * heads * tokens * sources),
          q: input(inputs.q),
          k: input(inputs.k),
          lse: input(expected.lse),
          ...termBuffers(shape),
          work: workspace(kernels().sattention_weights_workspace_bytes()),
        },
        run: (K, at) => {
          for (let b = 0; b < batch; b++) {
            for (let h = 0; h < heads; h++) {
              const row = (b * heads + h) * tokens;
              K.sattention_weights(
                at.w + 4 * row * sources,
                at.q + 4 * (b * q_bs + h * q_hs),
                at.k + 4 * (b * k_bs + Math.floor(h / (heads / kvHeads)) * k_hs),
                at.lse + 4 * row,
                at.work,
                tokens,
                sources,
                dim,
                q_ts,
                k_ts,
                scale,
                ...windowOf(shape),
                after(at.rowScales, b * scalesStep),
                after(at.bias, h * (bias?.width ?? 0)),
                bias?.width ?? 0,
                bias?.zero ?? 0,
                after(at.keyCounts, b),
                after(at.keyMask, b * sources),
              );
            }
          }
        },
        expected: { w: expected.weights },
        tolerance: name === TERM_SHAPES ? TERMS_TOLERANCE : WEIGHTS_TOLERANCE,
      });
    }
  });
});

function check(shape: AttentionShape, inputs: AttentionInputs, tolerance: Tolerance): void {
  for (const tall of [0, 1]) checkTiles(shape, inputs, tolerance, tall);
}

function checkTiles(
  shape: AttentionShape,
  inputs: AttentionInputs,
  tolerance: Tolerance,
  tall: number,
): void {
  const { batch, heads, kvHeads, tokens, sources, dim } = shape;
  const expected = attention(shape, inputs);
  const strides = attentionStrides(shape);
  checkKernel({
    buffers: {
      out: output(expected.out.length),
      lse: output(expected.lse.length),
      q: input(inputs.q),
      k: input(inputs.k),
      v: input(inputs.v),
      ...termBuffers(shape),
      work: workspace(kernels().sattention_workspace_bytes(tokens, sources, dim)),
    },
    run: (K, at) =>
      K.sattention(
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
        ...strides,
        ...termArguments(shape, at),
        tall,
      ),
    expected: { out: expected.out, lse: expected.lse },
    tolerance,
  });
}
