// One attention layer of a synthesizer with weights that a test sets, run whole, and what its twin says of the same.
import { Attention } from "../../src/attention/attention";
import { completeOptions, type Options } from "../../src/attention/options";
import { namedParameters, namedTensors } from "../../src/nn/module";
import { type Padding, Run } from "../../src/nn/run";
import type { Taps } from "../../src/nn/taps";
import { rng } from "../../src/tensor/rng";
import { valueAndGradients } from "../../src/tensor/tape";
import { floats, type Tensor, tensor } from "../../src/tensor/tensor";
import { noise } from "../assembly/battery";
import { against } from "../ops/upstream";
import { attentionLayer, type LayerChoice } from "../reference/attention-layer";
import { differentiate, type Outcome, type Values } from "../reference/compare";

export interface Setup extends Partial<LayerChoice> {
  readonly width: number;
  readonly context: number;
  readonly heads?: number;
}

export interface Made {
  readonly layer: Attention;
  readonly choice: LayerChoice;
  readonly context: number;
}

export type Rows = readonly (readonly number[])[];

/** Random weights of deviation 0.5 and biases that are not zero. Belongs to the current scope. */
export function make(attention: LayerChoice["attention"], setup: Setup): Made {
  const { width, context, heads = 1, kvHeads = heads, ...rest } = setup;
  const choice: LayerChoice = {
    ...{ position: "none", index: "plain", scale: "inverse-sqrt", mask: "bidirectional" },
    ...{ normalizer: "softmax", heads, kvHeads, ...rest, attention },
  };
  const options: Options = completeOptions("test", choice);
  const layer = new Attention(
    { ...choice, ...options, width, context, bias: false },
    { layer: 0, deviation: 0.5, outputDeviation: 0.5, rng: rng(3) },
  );
  for (const [path, x] of namedParameters(layer)) {
    if (path.endsWith("bias") || path.endsWith("lambda")) floats(x).set(noise(x.size, path.length, -1, 1));
  }
  return { layer, choice, context };
}

/** Sets a tensor of the layer by its path, row-major. */
export function set({ layer }: Made, path: string, values: readonly number[]): void {
  const found = namedTensors(layer).get(path);
  if (!found) throw new Error(`there is no ${path} among ${[...namedTensors(layer).keys()].join(", ")}`);
  if (found.size !== values.length) throw new Error(`${path} holds ${found.size}, got ${values.length}`);
  floats(found).set(values);
}

/** Copies all tensors whose path begins with `from`. */
export function copy(source: Made, from: string, target: Made, to: string): void {
  const found = [...namedTensors(source.layer)].filter(([path]) => path.startsWith(from));
  if (found.length === 0) throw new Error(`there is nothing at ${from}`);
  for (const [path, x] of found) set(target, to + path.slice(from.length), [...x.values()]);
}

export function identity(n: number): number[] {
  return Array.from({ length: n * n }, (_, i) => (Math.floor(i / n) === i % n ? 1 : 0));
}

/** W_V = W_O = I. */
export function plainValues(made: Made, width: number): void {
  set(made, "value.weight", identity(width));
  set(made, "output.weight", identity(width));
}

export interface Listened {
  readonly y: Float32Array;
  readonly logits: Float32Array;
  readonly weights: Float32Array;
}

export interface RunSetup {
  readonly taps?: Taps;
  readonly padding?: Padding;
}

/** x [B, T, C] through the layer: output, logits and weights. */
export function run({ layer }: Made, x: Values, { taps, padding }: RunSetup = {}): Listened {
  let logits: Float32Array = new Float32Array();
  let weights: Float32Array = new Float32Array();
  const listen: Taps = {
    logits: (l) => {
      logits = l.values();
    },
    weights: (w) => {
      weights = w.values();
    },
    ...taps,
  };
  const y = apply(
    { layer },
    tensor(x.values, x.shape),
    new Run({ taps: listen, ...(padding && { padding }) }),
  );
  return { y: y.values(), logits, weights };
}

/** Without listeners: what is the same for all sequences is made once. */
export function apply({ layer }: Pick<Made, "layer">, x: Tensor, run = new Run({})): Tensor {
  const at = Float64Array.from({ length: x.shape[1]! }, (_, i) => i);
  return layer.apply(x, { run, position: {}, places: { at, gap: 1 } });
}

/** Output and the gradients of sum(y dy) by x and all parameters. */
export function gradients(made: Made, x: Values, dy: ArrayLike<number>): Outcome {
  const input = tensor(x.values, x.shape);
  const all = new Map([["x", input], ...namedParameters(made.layer)]);
  let y: Outcome["y"] = [];
  const found = valueAndGradients(() => {
    const output = apply(made, input);
    y = output.values();
    return against(output, dy);
  }, [...all.values()]);
  return {
    y,
    gradients: Object.fromEntries([...all.keys()].map((name, i) => [name, found.gradients[i]!.values()])),
  };
}

/** The same of the float64 twin, with `x` and the layer's tensors by path. */
export function twin(made: Made, x: Values, dy?: ArrayLike<number>) {
  const inputs = inputsOf(made, x);
  const outcome = differentiate(twinOf(made), inputs, dy);
  return {
    y: outcome.y,
    gradients: Object.fromEntries(
      Object.entries(outcome.gradients).map(([name, values]) => [name.replace(/^layer\./, ""), values]),
    ),
  };
}

export function twinOf({ choice, context }: Made) {
  const fused = false;
  return (
    ...[g, inputs]: Parameters<typeof attentionLayer> extends [infer G, unknown, infer I, unknown]
      ? [G, I]
      : never
  ) => attentionLayer(g, choice, inputs, { fused, context }).y;
}

export function inputsOf({ layer }: Made, x: Values): Record<string, Values> {
  const tensors = [...namedTensors({ layer })].map(([name, t]) => [
    name,
    { shape: t.shape, values: t.values() },
  ]);
  return { x, ...Object.fromEntries(tensors) };
}

/** Random x [B, T, C]. */
export function inputs(B: number, T: number, C: number, seed = 1): Values {
  return { shape: [B, T, C], values: noise(B * T * C, seed) };
}

export function rowsOf(values: ArrayLike<number>, columns: number): number[][] {
  const all = Array.from(values);
  return Array.from({ length: all.length / columns }, (_, i) => all.slice(i * columns, (i + 1) * columns));
}

/** Throws unless every value is within `tolerance`. */
export function expectNear(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number): void {
  if (actual.length !== expected.length)
    throw new Error(`wanted ${expected.length} values, got ${actual.length}`);
  for (let i = 0; i < actual.length; i++) {
    if (!(Math.abs(actual[i]! - expected[i]!) <= tolerance))
      throw new Error(`[${i}] got ${actual[i]}, wanted ${expected[i]} within ${tolerance}`);
  }
}
