// Small layers and single rows of logits, as the tests of closed forms look at them.
import { type Normalizer, normalizers } from "../../src/attention/normalizer";
import { type Options, standardOptions } from "../../src/attention/options";
import { type Scale, type ScaleName, scales } from "../../src/attention/scale";
import { type Tensor, tensor } from "../../src/tensor/tensor";
import { applyLayer, type Choice, type Layer, makeLayer } from "./layer";

export const usual: Choice = {
  ...{
    attention: "dot-product",
    position: "none",
    index: "plain",
    scale: "one",
    mask: "bidirectional",
    normalizer: "softmax",
  },
  ...{ heads: 2, kvHeads: 2, bias: false },
};
export const WIDTH = 8;

export function make(changes: Partial<Choice>, context: number): Layer {
  return makeLayer({ ...usual, ...changes }, { width: WIDTH, context, deviation: 0.5 });
}

/** Output [T, C] and weights [H, T, T] of x [T, C]. */
export function run(layer: Layer, values: ArrayLike<number>): { y: number[][]; weights: number[][] } {
  const T = values.length / WIDTH;
  let weights: number[] = [];
  const keep = (w: Tensor) => {
    weights = Array.from(w.values());
  };
  const y = applyLayer(layer, tensor(values, [1, T, WIDTH]), { taps: { weights: keep } }).values();
  return { y: chunks(y, WIDTH), weights: chunks(weights, T) };
}

export function chunks(values: ArrayLike<number>, size: number): number[][] {
  const all = Array.from(values);
  return Array.from({ length: all.length / size }, (_, i) => all.slice(i * size, (i + 1) * size));
}

/** A scale's factor on a row that sees n sources. */
export function factorOf(
  name: ScaleName,
  n: number,
  sizes: { readonly width: number; readonly trained: number },
  changes: Partial<Options> = {},
): number {
  const scale: Scale = scales[name];
  const inputs = { ...sizes, options: { ...standardOptions, ...changes } };
  return scale.constant(inputs) * (scale.row?.(n, inputs) ?? 1);
}

/** Weights of one row of logits under a scale whose row sees all of them. */
export function weigh(name: ScaleName, logits: readonly number[], trained: number): number[] {
  const factor = factorOf(name, logits.length, { width: 1, trained });
  const scaled = tensor(
    logits.map((value) => factor * value),
    [1, 1, 1, logits.length],
  );
  const rows = { perRow: () => tensor([1], [1]), trained };
  const { apply }: Normalizer = normalizers.softmax;
  return Array.from(apply(scaled, rows).values());
}
