// Attention and its gradient in float64 at a few tokens, for sizes where all of them would take minutes.
import { sampled } from "./agreement";

export interface AttentionCase {
  readonly tokens: number;
  readonly heads: number;
  readonly dim: number;
  readonly scale: number;
  readonly causal: boolean;
}

/** q, k, v, out, dout [T, H, D]; lse [H, T]. */
export interface AttentionArrays {
  readonly q: Float32Array;
  readonly k: Float32Array;
  readonly v: Float32Array;
  readonly dout: Float32Array;
  /** The kernel's own results, which the gradients of keys and values start from: that they are right shows at the sampled tokens. */
  readonly out: Float32Array;
  readonly lse: Float32Array;
}

/** A value and where it stands. */
export interface Placed {
  readonly at: number;
  readonly value: number;
}

export interface SampledAttention {
  readonly out: readonly Placed[];
  readonly lse: readonly Placed[];
  readonly dq: readonly Placed[];
  readonly dk: readonly Placed[];
  readonly dv: readonly Placed[];
}

const TOKENS = 5;
const HEADS = 2;

/** Expected values at a few tokens of a few heads; without `backward` the gradients are empty. */
export function attentionSample(
  shape: AttentionCase,
  arrays: AttentionArrays,
  backward: boolean,
): SampledAttention {
  const result = { out: [], lse: [], dq: [], dk: [], dv: [] } as Record<keyof SampledAttention, Placed[]>;
  for (const head of sampled(shape.heads, HEADS)) {
    for (const token of sampled(shape.tokens, TOKENS)) {
      queryTo(result, shape, arrays, head, token, backward);
      if (backward) sourceTo(result, shape, arrays, head, token);
    }
  }
  return result;
}

/** What token i of a head gives: its output, log-sum-exp, and the gradient of its query. */
function queryTo(
  result: Record<keyof SampledAttention, Placed[]>,
  { tokens, heads, dim, scale, causal }: AttentionCase,
  { q, k, v, dout }: AttentionArrays,
  head: number,
  i: number,
  backward: boolean,
): void {
  const at = (token: number) => (token * heads + head) * dim;
  const visible = causal ? i + 1 : tokens;
  const logits = Array.from({ length: visible }, (_, j) => scale * dot(q, at(i), k, at(j), dim));
  const top = logits.reduce((most, logit) => Math.max(most, logit), Number.NEGATIVE_INFINITY);
  const sum = logits.reduce((total, logit) => total + Math.exp(logit - top), 0);
  const weights = logits.map((logit) => Math.exp(logit - top) / sum);
  const out = weighted(weights, (j) => at(j), v, dim);
  out.forEach((value, d) => {
    result.out.push({ at: at(i) + d, value });
  });
  result.lse.push({ at: head * tokens + i, value: top + Math.log(sum) });
  if (!backward) return;
  const delta = dot(dout, at(i), out, 0, dim);
  const dlogits = weights.map((weight, j) => scale * weight * (dot(dout, at(i), v, at(j), dim) - delta));
  weighted(dlogits, at, k, dim).forEach((value, d) => {
    result.dq.push({ at: at(i) + d, value });
  });
}

/** The gradients of key and value j of a head: every token that sees it adds to them. */
function sourceTo(
  result: Record<keyof SampledAttention, Placed[]>,
  { tokens, heads, dim, scale, causal }: AttentionCase,
  { q, k, v, dout, out, lse }: AttentionArrays,
  head: number,
  j: number,
): void {
  const at = (token: number) => (token * heads + head) * dim;
  const first = causal ? j : 0;
  const queries = Array.from({ length: tokens - first }, (_, index) => first + index);
  const weights = queries.map((i) =>
    Math.exp(scale * dot(q, at(i), k, at(j), dim) - lse[head * tokens + i]!),
  );
  const dlogits = queries.map((i, index) => {
    const delta = dot(dout, at(i), out, at(i), dim);
    return scale * weights[index]! * (dot(dout, at(i), v, at(j), dim) - delta);
  });
  const place = (index: number) => at(first + index);
  weighted(dlogits, place, q, dim).forEach((value, d) => {
    result.dk.push({ at: at(j) + d, value });
  });
  weighted(weights, place, dout, dim).forEach((value, d) => {
    result.dv.push({ at: at(j) + d, value });
  });
}

function dot(a: ArrayLike<number>, from: number, b: ArrayLike<number>, to: number, dim: number): number {
  let sum = 0;
  for (let d = 0; d < dim; d++) sum += a[from + d]! * b[to + d]!;
  return sum;
}

/** Sum over j of factors[j] times the row of x that starts at place(j). */
function weighted(
  factors: readonly number[],
  place: (j: number) => number,
  x: Float32Array,
  dim: number,
): number[] {
  return Array.from({ length: dim }, (_, d) =>
    factors.reduce((sum, factor, j) => sum + factor * x[place(j) + d]!, 0),
  );
}
