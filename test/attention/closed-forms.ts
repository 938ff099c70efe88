// Small layers and single rows of logits, as the tests of closed forms look at them.
import { type Normalizer, normalizers } from "../../src/attention/normalizer";
import { standardOptions } from "../../src/attention/options";
import { type Scale, scales } from "../../src/attention/scale";
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
  return Array.from({ length: values.length / size }, (_, i) =>
    Array.from(values).slice(i * size, (i + 1) * size),
  );
}

/** Weights of one row of logits under a scale whose row sees all of them. */
export function weigh(name: keyof typeof scales, logits: readonly number[], trained: number): number[] {
  const scale: Scale = scales[name];
  const inputs = { width: 1, trained, options: standardOptions };
  const factor = scale.constant(inputs) * (scale.row?.(logits.length, inputs) ?? 1);
  const scaled = tensor(
    logits.map((value) => factor * value),
    [1, 1, 1, logits.length],
  );
  const rows = { perRow: () => tensor([1], [1]), trained };
  const { apply }: Normalizer = normalizers.softmax;
  return Array.from(apply(scaled, rows).values());
}
