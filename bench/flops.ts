// How much arithmetic a call is. Attention counts the whole square of queries and sources, causal or not, so that skipping half of it
// shows as a higher rate; a softmax counts nothing.
import type { ModelShape } from "./shapes";

/** A multiply and an add. */
const MADD = 2;
/** Products of a gradient: two matrix products for each one of the forward pass. */
const BACKWARD = 2;
/** Attention has 2 products forward; backward makes the scores again and has 4 more. */
const ATTENTION_BACKWARD = 2.5;

export function productFlops({ m, n, k }: { m: number; n: number; k: number }): number {
  return MADD * m * n * k;
}

export interface AttentionDims {
  readonly heads: number;
  readonly tokens: number;
  readonly sources: number;
  readonly width: number;
}

/** q kᵀ and weights times v for one sequence, and with `backward` their gradient as well. */
export function attentionFlops(
  { heads, tokens, sources, width }: AttentionDims,
  backward: "forward" | "both",
): number {
  const forward = 2 * MADD * heads * tokens * sources * width;
  return backward === "both" ? forward * (1 + ATTENTION_BACKWARD) : forward;
}

/** The matrix products of a training step of a gpt with an MLP of 4 x width: forward and backward over batch x context tokens. */
export function stepFlops(shape: ModelShape & { readonly batch: number }): number {
  const { batch, context, width, layers, heads } = shape;
  const attended = attentionFlops({ heads, tokens: context, sources: context, width: width / heads }, "both");
  return batch * (context * tokenFlops(shape) * (1 + BACKWARD) + layers * attended);
}

/** The matrix products that one token takes through the weights: 4 C² of attention and 8 C² of the MLP a layer, and the unembedding. */
export function tokenFlops({ width, layers, vocabulary }: ModelShape): number {
  return MADD * (layers * 12 * width * width + width * vocabulary);
}
