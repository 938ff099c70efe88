// Fused attention over lengths and head widths: forward, and forward with its gradient, over all sources or causal.
import { kernels, tileShape } from "../../src/runtime/instance";
import { floats, type Tensor } from "../../src/tensor/tensor";
import { disagreement } from "../agreement";
import { attentionSample, type SampledAttention } from "../attention-sample";
import { Buffers } from "../buffers";
import { attentionFlops, causalPairs } from "../flops";
import type { Row, Suite } from "../row";
import { ATTENTION_HEADS, attentions, longest } from "../shapes";

/** Tokens of the short runs before the clock starts: a tile and a remainder. */
const WARM_TOKENS = 37;

interface Mode {
  readonly causal: boolean;
  readonly backward: boolean;
}

export const attention: Suite = {
  what: "attention with 8 heads: forward, forward and backward, each also causal, over lengths and head widths",
  rows: (size) => [
    ...[false, true].flatMap((backward) =>
      [false, true].flatMap((causal) =>
        attentions[size].map(({ T, D }) => attentionRow({ T, D, H: ATTENTION_HEADS }, { causal, backward })),
      ),
    ),
    ...longest[size].map((shape) => attentionRow(shape, { causal: false, backward: true })),
  ],
};

export interface AttentionShape {
  readonly T: number;
  readonly D: number;
  readonly H: number;
}

export function attentionRow({ T, D, H }: AttentionShape, { causal, backward }: Mode): Row {
  const pairs = causal ? causalPairs(T) : T * T;
  return {
    kind: `${backward ? "forward+backward" : "forward"}${causal ? ", causal" : ""}`,
    shape: `T ${T}, D ${D}${H === ATTENTION_HEADS ? "" : `, H ${H}`}`,
    work: { flops: attentionFlops({ heads: H, pairs, width: D }, backward ? "both" : "forward") },
    bound: "arithmetic",
    prepare() {
      const buffers = new Buffers();
      const [q, k, v, dout] = [0, 1, 2, 3].map(() => buffers.random([T, H, D])) as Quadruple;
      const [out, dq, dk, dv] = [0, 1, 2, 3].map(() => buffers.zeros([T, H, D])) as Quadruple;
      const lse = buffers.zeros([H, T]);
      const K = kernels();
      const [workBytes, workGradBytes] = [
        K.sattention_workspace_bytes(T, T, D),
        backward ? K.sattention_grad_workspace_bytes(T, T, D) : 0,
      ];
      const [work, workGrad] = [buffers.scratch(workBytes), buffers.scratch(workGradBytes)];
      const scale = 1 / Math.sqrt(D);
      const over = (tokens: number) => {
        const strides = [T * H * D, H * D, D] as const;
        const dims = [1, H, H, tokens, tokens, D, ...strides, ...strides] as const;
        const terms = [scale, T, causal ? 0 : T, 0, 0, 0, 0, 0, 0, 0] as const;
        K.sattention(out.ptr, lse.ptr, q.ptr, k.ptr, v.ptr, work, ...dims, ...terms, tileShape());
        if (!backward) return;
        for (const gradient of [dq, dk, dv]) K.sfill(gradient.ptr, 0, gradient.size);
        // biome-ignore format: arguments grouped by meaning
        K.sattention_grad(
          dq.ptr, dk.ptr, dv.ptr, 0, dout.ptr, out.ptr, lse.ptr, q.ptr, k.ptr, v.ptr, workGrad, ...dims, ...terms, 0,
        );
      };
      return {
        run: () => over(T),
        warm: () => over(Math.min(T, WARM_TOKENS)),
        check() {
          over(T);
          const inputs = { q, k, v, out, lse, dout };
          const arrays = mapValues(inputs, floats);
          const expected = attentionSample({ tokens: T, heads: H, dim: D, scale, causal }, arrays, backward);
          return differences(expected, { out, lse, dq, dk, dv });
        },
        // The log-sum-exp, and one of the two at a time.
        workBytes: 4 * H * T + Math.max(workBytes, workGradBytes),
        release: () => buffers.release(),
      };
    },
  };
}

/** Of mapping over four things. */
type Quadruple = [Tensor, Tensor, Tensor, Tensor];

function differences(expected: SampledAttention, actual: Readonly<Record<keyof SampledAttention, Tensor>>) {
  const names = Object.keys(expected) as (keyof SampledAttention)[]; // its own keys
  return Math.max(
    ...names.map((name) => {
      const values = floats(actual[name]);
      return disagreement(
        expected[name].map(({ at }) => values[at]!),
        expected[name].map(({ value }) => value),
      );
    }),
  );
}

function mapValues<K extends string, A, B>(record: Readonly<Record<K, A>>, f: (a: A) => B): Record<K, B> {
  // The keys stay.
  return Object.fromEntries(Object.entries<A>(record).map(([key, value]) => [key, f(value)])) as Record<K, B>;
}
