// Small layers, as the tests of closed forms look at them.
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
