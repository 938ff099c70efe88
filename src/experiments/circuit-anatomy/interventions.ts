// What a trained model of two layers loses when heads are silenced, or when its last layer reads queries, keys or values of the embedding alone.
import { type HeadPlace, headName } from "../../analysis/circuits";
import { prefixMatching } from "../../analysis/head-scores";
import { inContextScore } from "../../analysis/in-context";
import { type Probed, probe, type Sequences } from "../../analysis/probe";
import type { AttentionOnly } from "../../models/attention-only";
import type { Tap, Taps } from "../../nn/taps";
import { tensor } from "../../tensor/tensor";
import { predict } from "../circuits/repeats";
import { mean } from "../select";
import type { AnatomyTask } from "./task";

/** Nats: the mean loss where the answer stands before, and the late loss minus the early one. */
export type Performance = {
  readonly known: number;
  readonly inContext: number;
};

export type Ablations = {
  readonly base: Performance;
  /** All heads of the layer silenced. */
  readonly firstLayer: Silenced;
  readonly lastLayer: Silenced;
  readonly heads: readonly (Silenced & { readonly name: string; readonly layer: number })[];
};

export type Silenced = {
  /** Whatever comes later is computed again. */
  readonly full: Performance;
  /** All patterns are as they were. */
  readonly preserving: Performance;
};

export const readings = ["query", "key", "value"] as const;
export type Reading = (typeof readings)[number];

/** With one of what the last layer reads made of the embedding alone. */
export type Patching = {
  readonly [reading in Reading | "none"]: {
    readonly known: number;
    /** Best prefix-matching score of the last layer. */
    readonly prefix: number;
  };
};

const INDICES = { early: 4, late: 44 } as const;

export function ablations(model: AttentionOnly, task: AnatomyTask): Ablations {
  const { layers, heads } = model.config;
  const frozen = patternTaps(model, task);
  const silenced = (places: readonly HeadPlace[]): Silenced => ({
    full: performance(model, task, silence(places)),
    preserving: performance(model, task, { ...frozen, ...silence(places) }),
  });
  const layer = (index: number) => Array.from({ length: heads }, (_, head) => ({ layer: index, head }));
  const places = Array.from({ length: layers }, (_, index) => layer(index)).flat();
  return {
    base: performance(model, task),
    firstLayer: silenced(layer(0)),
    lastLayer: silenced(layer(layers - 1)),
    heads: places.map((place) => ({ name: headName(place), layer: place.layer, ...silenced([place]) })),
  };
}

export function patching(model: AttentionOnly, task: AnatomyTask): Patching {
  const measure = (reading?: Reading) => {
    const taps = (sequences: Sequences) => (reading ? embeddingAs(reading, model, sequences) : {});
    const scores = task.repeated.map((tokens) => prefixScores(model, tokens, taps(tokens)));
    const heads = scores[0]!.map((_, head) => mean(scores.map((sample) => sample[head]!))); // there are samples
    return {
      known: performance(model, task, taps(rowsOf(task.held))).known,
      prefix: Math.max(...heads),
    };
  };
  return {
    none: measure(),
    query: measure("query"),
    key: measure("key"),
    value: measure("value"),
  };
}

export function performance(
  model: AttentionOnly,
  { held, known }: Pick<AnatomyTask, "held" | "known">,
  taps: Taps = {},
): Performance {
  const { losses } = predict(model, held, { taps });
  return {
    known: mean(Array.from(losses).filter((_, at) => known(at))),
    inContext: inContextScore(losses, held.context, INDICES),
  };
}

/** Nothing comes of these heads. */
function silence(places: readonly HeadPlace[]): Taps {
  const tap =
    (silenced: readonly HeadPlace[]): Tap =>
    (mixed) => {
      const [, , H, D] = mixed.shape as [number, number, number, number]; // [B, T, H, D]
      const values = mixed.values();
      for (const { head } of silenced)
        for (let start = head * D; start < values.length; start += H * D) values.fill(0, start, start + D);
      return tensor(values, mixed.shape);
    };
  const layers = [...new Set(places.map(({ layer }) => layer))];
  return Object.fromEntries(
    layers.map((layer) => [
      `blocks.${layer}.attention.mixed`,
      tap(places.filter((place) => place.layer === layer)),
    ]),
  );
}

/** Taps that put the patterns of an untouched run in place of those of another. */
function patternTaps(model: AttentionOnly, { held }: AnatomyTask): Taps {
  return inPlace(probe(model, rowsOf(held), "blocks.*.attention.weights"));
}

/** What the first layer reads, tokens alone, as one of the things that the last layer makes of what it reads. */
function embeddingAs(reading: Reading, model: AttentionOnly, sequences: Sequences): Taps {
  const embedding = probe(model, sequences, "blocks.0.input")["blocks.0.input"]!; // it was asked for
  return inPlace({ [`blocks.${model.config.layers - 1}.attention.${reading}-input`]: embedding });
}

function inPlace(found: Readonly<Record<string, Probed>>): Taps {
  return Object.fromEntries(
    Object.entries(found).map(([path, { data, shape }]): [string, Tap] => [path, () => tensor(data, shape)]),
  );
}

function prefixScores(model: AttentionOnly, tokens: Int32Array, taps: Taps): number[] {
  const { layers, heads } = model.config;
  const T = tokens.length;
  const path = `blocks.${layers - 1}.attention.weights`;
  const { data } = probe(model, tokens, path, taps)[path]!; // it was asked for
  return Array.from({ length: heads }, (_, head) =>
    prefixMatching(data.subarray(head * T * T, (head + 1) * T * T), tokens),
  );
}

function rowsOf({ inputs, batch, context }: AnatomyTask["held"]): Int32Array[] {
  return Array.from({ length: batch }, (_, row) => inputs.subarray(row * context, (row + 1) * context));
}
