// An attention layer with its position scheme, as the conformance suite runs it: whole, in pieces, tapped, differentiated.
import { Attention, type AttentionState } from "../../src/attention/attention";
import { positions } from "../../src/attention/position";
import type { Position } from "../../src/attention/position/position";
import { namedParameters } from "../../src/nn/module";
import { Run, type Taps } from "../../src/nn/run";
import { addTrailing } from "../../src/ops/arithmetic";
import { rng } from "../../src/tensor/rng";
import { floats, type Tensor, tensor } from "../../src/tensor/tensor";
import { noise } from "../assembly/battery";
import type { LayerChoice } from "../reference/attention-layer";
import type { Values } from "../reference/compare";

export const B = 2;
export const T = 7;
export const C = 8;
export const HEADS = 2;

export interface Choice extends LayerChoice {
  readonly bias: boolean;
}

export interface Layer {
  readonly layer: Attention;
  readonly position: Position;
}

/** A layer for the choice, with weights large enough that no part of it hides behind another. Belongs to the current scope. */
export function createLayer(choice: Choice): Layer {
  const context = T + 2;
  const init = { deviation: 0.5, outputDeviation: 0.5 };
  const layer = new Attention({ ...choice, width: C, context }, { ...init, rng: rng(7) });
  const position: Position = positions[choice.position]({
    context,
    width: C,
    headWidth: C / HEADS,
    deviation: 0.5,
    rng: rng(8),
  });
  // Biases start at zero, where they would show nothing.
  for (const [path, x] of namedParameters({ layer, position })) {
    if (path.endsWith("bias")) floats(x).set(noise(x.size, path.length));
  }
  return { layer, position };
}

/** Runs x [B, T, C], which follows what is in `state`. */
export function applyLayer(
  { layer, position }: Layer,
  x: Tensor,
  taps: Taps = {},
  state?: AttentionState,
): Tensor {
  const past = state?.values.length ?? 0;
  const place = position.embed?.(x.shape[1]!, past);
  return layer.apply(place ? addTrailing(x, place) : x, { run: new Run({ taps }), position, state });
}

export function inputValues(seed = 1): Values {
  return { shape: [B, T, C], values: noise(B * T * C, seed) };
}

/** The input and all parameters by path, as the twin takes them. */
export function valuesOfLayer(model: Layer, x: Values): Record<string, Values> {
  const parameters = [...namedParameters(model)].map(([name, p]) => [
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
