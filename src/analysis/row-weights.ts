// One row of logits by itself, under a scale of the zoo: what its factor is, and the weights that softmax makes of it.
import { type Options, standardOptions } from "../attention/options";
import { type Scale, type ScaleName, scales } from "../attention/scale";
import { softmax } from "../ops/softmax";
import { scope, tensor } from "../tensor/tensor";

export interface RowSizes {
  /** Channels of a head. */
  readonly width: number;
  /** Tokens of a training sequence. */
  readonly trained: number;
}

/** A scale's whole factor on a row that sees n sources. */
export function rowFactor(
  name: ScaleName,
  n: number,
  sizes: RowSizes,
  changes: Partial<Options> = {},
): number {
  const scale: Scale = scales[name];
  const inputs = { ...sizes, options: { ...standardOptions, ...changes } };
  return scale.constant(inputs) * (scale.row?.(n, inputs) ?? 1);
}

/** Weights of a row that sees all of these logits, which are products of queries and keys of width 1. */
export function rowWeights(name: ScaleName, logits: readonly number[], trained: number): Float32Array {
  const factor = rowFactor(name, logits.length, { width: 1, trained });
  return scope(() => softmax(tensor(logits.map((value) => factor * value))).values());
}
