// What Scan and Snap looks at while the model learns: where the attention of each class goes, by token type.
import { entropy } from "../../analysis/entropy";
import { exp } from "../../math/exp";
import type { Classes, TokenClass } from "./classes";

/** c_n over the support of a class: P(l|n) e^(z_l), normalised. `z` is the query's row of attention logits [M]. */
export function classAttention({ support, probabilities }: TokenClass, z: ArrayLike<number>): Float64Array {
  const largest = support.reduce((most, l) => Math.max(most, z[l]!), Number.NEGATIVE_INFINITY);
  const c = probabilities.map((p, i) => p * exp(z[support[i]!]! - largest));
  const sum = c.reduce((total, value) => total + value, 0);
  return c.map((value) => value / sum);
}

/**
 * Entropy of the attention over a class's own tokens, renormalised to 1, in nats. (Figure 6 of the paper; that it is renormalised
 * is not said there, but gives its numbers.)
 */
export function distinctEntropy(attention: Float64Array, { common }: Classes): number {
  const distinct = attention.subarray(common);
  const sum = distinct.reduce((total, value) => total + value, 0);
  return entropy(distinct.map((value) => value / sum));
}

/** Attention that goes to common tokens. */
export function commonMass(attention: Float64Array, { common }: Classes): number {
  return attention.subarray(0, common).reduce((total, value) => total + value, 0);
}

/** Share of a class's own tokens whose weight in softmax(z) over all M tokens reaches the threshold (figures 11 and 12). */
export function recall(
  { support }: TokenClass,
  common: number,
  z: ArrayLike<number>,
  threshold: number,
): number {
  let largest = Number.NEGATIVE_INFINITY;
  for (let l = 0; l < z.length; l++) largest = Math.max(largest, z[l]!);
  let sum = 0;
  for (let l = 0; l < z.length; l++) sum += exp(z[l]! - largest);
  const distinct = support.subarray(common);
  const found = distinct.filter((l) => exp(z[l]! - largest) / sum >= threshold);
  return found.length / distinct.length;
}

/** Relative gain r_{l/l'} = (f_l / f_l')^2 - 1 of one entry of the support over another. */
export function relativeGain(attention: ArrayLike<number>, l: number, other: number): number {
  const ratio = attention[l]! / attention[other]!;
  return ratio * ratio - 1;
}

/** Mean of a number per class. */
export function classMean({ classes }: Classes, value: (context: TokenClass, n: number) => number): number {
  return classes.reduce((sum, context, n) => sum + value(context, n), 0) / classes.length;
}
