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

/** Tokens, channels and heads of one layer. */
export interface LayerDims {
  readonly T: number;
  readonly C: number;
  readonly H: number;
}

/** Columns of factorized random tables by default. */
const RANK = 8;

/**
 * Forward and backward of an attention layer over a context of T: values, output, the mixing, and what makes the scores (Tay et al.
 * 2021, arXiv:2005.00743; linear attention Katharopoulos et al. 2020). A variant that is not known here counts as if scores were free.
 */
export function layerFlops(attention: string, { T, C, H }: LayerDims): number {
  const D = C / H;
  const [projection, square] = [T * C * C, T * T * C];
  const scores: Readonly<Record<string, number>> = {
    "dot-product": 2 * projection + square,
    "dense-synthesizer": projection + square,
    "factorized-random": H * T * T * RANK,
    "factorized-dense": projection + 2 * T * C * Math.sqrt(T) + H * T * T,
    "factorized-dense-transposed": projection + 2 * T * C * Math.sqrt(T) + H * T * T,
    // random-synthesizer and dot-product
    mixture: 2 * projection + square + 2 * H * T * T,
  };
  const linear = attention.startsWith("linear-");
  const mixing = linear ? 2 * projection + 2 * T * C * D : square + (scores[attention] ?? 0);
  return MADD * (1 + BACKWARD) * (2 * projection + mixing);
}

/** Forward and backward of a gated attention unit with e = 2 C and s = min(128, C). */
export function gauFlops({ T, C }: LayerDims): number {
  const [e, s] = [2 * C, Math.min(128, C)];
  return MADD * (1 + BACKWARD) * (3 * T * C * e + T * C * s + T * T * (s + e));
}
