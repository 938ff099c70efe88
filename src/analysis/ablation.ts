// What a model loses without some of its heads (Olsson et al. 2022, arXiv:2209.11895). In a full ablation everything after the head is computed
// anew, so that later heads may look elsewhere; with all patterns held as they were, only what the head moved is missing.
import type { Batch } from "../data/batches";
import type { LanguageModel } from "../models/model";
import type { Tap, Taps } from "../nn/taps";
import { full } from "../ops/random";
import { scope, type Tensor, tensor } from "../tensor/tensor";
import type { HeadPlace } from "./circuits";
import { lossesOf } from "./losses";
import { joinTaps, type Probed, probe, type Sequences } from "./probe";

/** Zeros in place of whatever is there: `{ "blocks.0.attn_out": zeroed }`. */
export const zeroed: Tap = (x) => full(x.shape, 0);

/**
 * Taps under which these heads add nothing: their mixed values are zero. Biases of the output stay.
 * @throws Error, in the run, for a head that a layer has not
 */
export function silenceHeads(heads: readonly HeadPlace[]): Taps {
  const layers = [...new Set(heads.map(({ layer }) => layer))];
  return Object.fromEntries(
    layers.map((layer) => {
      const silent = new Set(heads.flatMap((place) => (place.layer === layer ? [place.head] : [])));
      return [`blocks.${layer}.attention.mixed`, (x: Tensor) => withoutHeads(x, silent)];
    }),
  );
}

/**
 * Taps that put the patterns of a plain run over these tokens in place of those of another run over as many: scores are then not computed. The
 * tensors belong to the current scope.
 */
export function holdPatterns(model: LanguageModel, tokens: Sequences): Taps {
  return held(patternsOf(model, tokens));
}

export interface Ablation extends HeadPlace {
  /** What every token costs without the head, as `lossesOf`. */
  readonly losses: Float32Array;
}

/**
 * Every head silenced in turn, one by one, layer by layer.
 * @param options `patterns`: computed "anew" after the head (a full ablation), or "held" as they are in the plain run
 */
export function* ablateHeads(
  model: LanguageModel,
  batch: Batch,
  { patterns }: { readonly patterns: "anew" | "held" },
): Generator<Ablation, void> {
  const plain = patterns === "held" ? patternsOf(model, batch) : {};
  for (const place of headPlaces(model)) {
    const losses = scope(() => lossesOf(model, batch, joinTaps(held(plain), silenceHeads([place]))));
    yield { ...place, losses };
  }
}

/** The heads of a model, layer by layer: those whose mixed values can be tapped. */
export function headPlaces(model: LanguageModel): HeadPlace[] {
  return Object.entries(
    probe(
      model,
      [0],
      model.tapPaths.filter((path) => path.endsWith("attention.mixed")),
    ),
  ).flatMap(([path, { shape }]) =>
    Array.from({ length: shape.length === 4 ? shape[2]! : 1 }, (_, head) => ({
      layer: Number(/\d+/.exec(path)?.[0] ?? 0),
      head,
    })),
  );
}

function patternsOf(model: LanguageModel, tokens: Sequences): Record<string, Probed> {
  return probe(
    model,
    tokens,
    model.tapPaths.filter((path) => path.endsWith("attention.weights")),
  );
}

function held(patterns: Readonly<Record<string, Probed>>): Taps {
  return Object.fromEntries(
    Object.entries(patterns).map(([path, { data, shape }]) => [path, tensor(data, shape, "held pattern")]),
  );
}

/** x [B, T, H, D], or [B, T, D] of a single head, with zeros for some. */
function withoutHeads(x: Tensor, silent: ReadonlySet<number>): Tensor {
  const [H, D] = x.shape.length === 4 ? [x.shape[2]!, x.shape[3]!] : [1, x.shape[2]!];
  const unknown = [...silent].find((head) => !(head >= 0 && head < H));
  if (unknown !== undefined) throw new Error(`silenceHeads: heads must be 0..${H - 1}, got ${unknown}`);
  const values = x.values();
  for (let row = 0; row < values.length / D; row++)
    if (silent.has(row % H)) values.fill(0, row * D, (row + 1) * D);
  return tensor(values, x.shape, "silenced heads");
}
