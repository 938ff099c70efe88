// Which part of the residual stream heads read through their queries, keys or values: one of the three inputs of a layer is made anew from some parts
// of the stream, and nothing else changes (Wang et al. 2022, arXiv:2211.00593; Goldowsky-Dill et al. 2023, arXiv:2304.05969).
import type { Model } from "../models";
import type { Taps } from "../nn/taps";
import { type Tensor, tensor } from "../tensor/tensor";
import { probe, type Sequences } from "./probe";
import { residualStream, type StreamPart } from "./stream";

export type HeadInput = "query" | "key" | "value";

export interface PathPatch {
  /** Whose heads read something else. */
  readonly layer: number;
  /** Through which of their inputs. */
  readonly inputs: readonly HeadInput[];
  /** Which heads; all of the layer by default. */
  readonly heads?: readonly number[];
  /** Which parts of the stream they still read; the others are missing, or those of `other`. */
  readonly keep: (part: Omit<StreamPart, "data">) => boolean;
  /** Another run, of as many tokens, from which the parts that are not kept are taken. */
  readonly other?: Sequences;
}

const projections = { query: "scores.query", key: "scores.key", value: "value" } as const;

/**
 * Taps for runs over these tokens in which a layer's heads read a changed stream through some of their inputs. A norm before the layer is
 * computed anew over what they read; positions on queries and keys stay.
 *
 * @throws Error where runs have different lengths, where the model's stream is no sum of parts, and where chosen heads share keys or values with others
 */
export function patchPaths(model: Model, tokens: Sequences, patch: PathPatch): Taps {
  const { layer, inputs, heads } = patch;
  const { layers } = model.config;
  if (!(Number.isInteger(layer) && layer >= 0 && layer < layers))
    throw new Error(`patchPaths: layer must be 0..${layers - 1}, got ${layer}`);
  const read = changedStream(model, tokens, patch);
  const path = (place: string) => `blocks.${layer}.attention.${place}`;
  const reading = Object.fromEntries(
    inputs.map((input) => [
      path(`${input}-input`),
      () => normed(model, layer, tensor(read.data, read.shape)),
    ]),
  );
  if (!heads) return reading;
  expectOwn(model, patch);
  // What the chosen heads ask and answer with when all of the layer read the changed stream.
  const made = probe(
    model,
    tokens,
    inputs.map((input) => path(projections[input])),
    reading,
  );
  const chosen = new Set(heads);
  return Object.fromEntries(
    Object.entries(made).map(([place, { data, shape }]) => {
      const [H, D] = shape.slice(-2) as [number, number]; // [B, T, H, D]
      return [
        place,
        (x: Tensor) =>
          tensor(
            x.values().map((value, i) => (chosen.has(Math.floor(i / D) % H) ? data[i]! : value)),
            shape,
          ),
      ];
    }),
  );
}

function changedStream(model: Model, tokens: Sequences, { layer, keep, other }: PathPatch) {
  const own = residualStream(model, tokens, layer);
  const instead = other && residualStream(model, other, layer);
  if (instead && (instead.T !== own.T || instead.B !== own.B))
    throw new Error(
      `patchPaths: both runs must have the same length, got ${own.B} x ${own.T} and ${instead.B} x ${instead.T} tokens`,
    );
  const sum = new Float64Array(own.whole.length);
  for (const { data, ...part } of own.parts) if (keep(part)) add(sum, data);
  for (const { data, ...part } of instead?.parts ?? []) if (!keep(part)) add(sum, data);
  return { data: sum, shape: [own.B, own.T, own.C] };
}

function add(sum: Float64Array, data: Float32Array): void {
  for (let i = 0; i < data.length; i++) sum[i]! += data[i]!;
}

/** As the layer reads the stream. */
function normed(model: Model, layer: number, x: Tensor): Tensor {
  const block = model.blocks[layer]!; // checked above
  if ("norm1" in block) return block.norm1.apply(x);
  return "norm" in block ? block.norm.apply(x) : x;
}

function expectOwn(model: Model, { heads = [], inputs }: PathPatch): void {
  const count = model.config.heads;
  const wrong = heads.find((head) => !(Number.isInteger(head) && head >= 0 && head < count));
  if (wrong !== undefined) throw new Error(`patchPaths: heads must be 0..${count - 1}, got ${wrong}`);
  if (model.config.kvHeads !== count && inputs.some((input) => input !== "query"))
    throw new Error(
      `patchPaths: chosen heads must have keys and values of their own, got ${count} heads for ${model.config.kvHeads}; patch the whole layer`,
    );
}
