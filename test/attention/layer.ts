// An attention layer with its position scheme, as the conformance suite and the benchmarks run it: whole, in pieces, tapped,
// differentiated.
import { Attention, type AttentionState } from "../../src/attention/attention";
import { completeOptions } from "../../src/attention/options";
import { createPosition, placesOf } from "../../src/attention/position/placement";
import type { Position } from "../../src/attention/position/position";
import { namedParameters, namedTensors } from "../../src/nn/module";
import { type Padding, Run } from "../../src/nn/run";
import type { Taps } from "../../src/nn/taps";
import { addTrailing } from "../../src/ops/arithmetic";
import { kernels } from "../../src/runtime/instance";
import { type Rng, rng } from "../../src/tensor/rng";
import { floats, type Tensor, tensor } from "../../src/tensor/tensor";
import { noise } from "../assembly/battery";
import type { LayerChoice } from "../reference/attention-layer";
import type { Values } from "../reference/compare";

export const B = 2;
export const T = 7;
export const C = 8;
export const HEADS = 2;
export const CONTEXT = T + 2;

export interface Choice extends LayerChoice {
  readonly bias: boolean;
}

export interface Layer {
  readonly layer: Attention;
  readonly position: Position;
  readonly choice: Choice;
  readonly context: number;
}

export interface LayerSize {
  readonly width: number;
  readonly context: number;
  readonly deviation: number;
}

export interface LayerRunOptions {
  readonly taps?: Taps;
  readonly state?: AttentionState | undefined;
  readonly padding?: Padding;
  /** Positions as in training. */
  readonly rng?: Rng;
}

/** The layer and its positions with random weights. Belongs to the current scope. */
export function makeLayer(choice: Choice, { width, context, deviation }: LayerSize): Layer {
  const config = configOf(choice, { width, context });
  const layer = new Attention(config, { layer: 0, deviation, outputDeviation: deviation, rng: rng(7) });
  const position = createPosition(config, { headWidth: width / choice.heads, deviation, rng: rng(8) });
  return { layer, position, choice, context };
}

function configOf(choice: Choice, sizes: { readonly width: number; readonly context: number }) {
  return { ...choice, ...completeOptions("layer", choice), ...sizes, layers: 1 };
}

/** A layer for the choice, with weights large enough that no part of it hides behind another. */
export function createLayer(choice: Choice): Layer {
  const made = makeLayer(choice, { width: C, context: CONTEXT, deviation: 0.5 });
  // Biases, and shares of smeared keys, start at zero, where they would show nothing.
  for (const [path, x] of namedParameters(made)) {
    if (/(bias|shares)$/.test(path)) floats(x).set(noise(x.size, path.length));
  }
  if (choice.normalizer === "none") soften(made.layer);
  return made;
}

/** Halves what scores are made of: where no denominator divides, one weight of e^23 would hide all others. */
function soften(layer: Attention): void {
  for (const [path, x] of namedTensors(layer))
    if (path.startsWith("scores.")) kernels().sscale(x.ptr, x.ptr, 0.5, x.size);
}

/** Runs x [B, T, C], which follows what is in `state`. */
export function applyLayer(
  { layer, position, choice, context }: Layer,
  x: Tensor,
  { taps = {}, state, padding, rng }: LayerRunOptions = {},
): Tensor {
  const past = state?.length ?? 0;
  const places = placesOf(configOf(choice, { width: C, context }), past + x.shape[1]!, rng);
  const place = position.embed?.(places.at.subarray(past));
  const run = new Run({ taps, ...(padding && { padding }) });
  return layer.apply(place ? addTrailing(x, place) : x, { run, position, places, state });
}

export function inputValues(seed = 1): Values {
  return { shape: [B, T, C], values: noise(B * T * C, seed) };
}

/** The input and all tensors of the layer by path, as the twin takes them. */
export function valuesOfLayer(model: Layer, x: Values): Record<string, Values> {
  const parameters = [...namedTensors(model)].map(([name, p]) => [
    name,
    { shape: p.shape, values: p.values() },
  ]);
  return { x, ...Object.fromEntries(parameters) };
}

/** Tokens first..last-1 of x [B, T, C]. */
export function slice({ values }: Values, first: number, last: number): Tensor {
  const rows = Array.from({ length: B }, (_, b) =>
    Array.from(values).slice((b * T + first) * C, (b * T + last) * C),
  );
  return tensor(rows.flat(), [B, last - first, C]);
}
