// How much arithmetic a call is. Attention counts the pairs of query and source that its mask lets see each other, whatever is computed
// besides (the causal half as in Dao 2023, arXiv:2307.08691, section 4.1); a softmax counts nothing.
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
  /** Of a query and a source that it sees, in each head. */
  readonly pairs: number;
  readonly width: number;
}

/** Pairs where a token sees itself and what came before. */
export function causalPairs(tokens: number): number {
  return (tokens * (tokens + 1)) / 2;
}

/** q kᵀ and weights times v for one sequence, and with `backward` their gradient as well. */
export function attentionFlops({ heads, pairs, width }: AttentionDims, backward: "forward" | "both"): number {
  const forward = 2 * MADD * heads * pairs * width;
  return backward === "both" ? forward * (1 + ATTENTION_BACKWARD) : forward;
}

/** The matrix products of a training step of a gpt with an MLP of 4 x width: forward and backward over batch x context tokens. */
export function stepFlops(shape: ModelShape & { readonly batch: number }): number {
  const { batch, context, width, layers, heads } = shape;
  const attended = attentionFlops({ heads, pairs: causalPairs(context), width: width / heads }, "both");
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
 *
 * @param pairs of a query and a source that it sees, as many as a head has on average
 */
export function layerFlops(attention: string, { T, C, H }: LayerDims, pairs: number): number {
  const D = C / H;
  const [projection, square] = [T * C * C, pairs * C];
  const scores: Readonly<Record<string, number>> = {
    "dot-product": 2 * projection + square,
    "dense-synthesizer": projection + square,
    "factorized-random": H * pairs * RANK,
    "factorized-dense": projection + 2 * T * C * Math.sqrt(T) + H * pairs,
    "factorized-dense-transposed": projection + 2 * T * C * Math.sqrt(T) + H * pairs,
    // random-synthesizer and dot-product
    mixture: 2 * projection + square + 2 * H * pairs,
  };
  const linear = attention.startsWith("linear-");
  const mixing = linear ? 2 * projection + 2 * T * C * D : square + (scores[attention] ?? 0);
  return MADD * (1 + BACKWARD) * (2 * projection + mixing);
}

/** Forward and backward of a causal gated attention unit with e = 2 C and s = min(128, C). */
export function gauFlops({ T, C }: LayerDims): number {
  const [e, s] = [2 * C, Math.min(128, C)];
  return MADD * (1 + BACKWARD) * (3 * T * C * e + T * C * s + causalPairs(T) * (s + e));
}
