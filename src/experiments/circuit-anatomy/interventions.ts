// What a trained model of two layers loses when heads are silenced, or when its last layer reads queries, keys or values of the embedding
// alone.
import { headPlaces, holdPatterns, silenceHeads } from "../../analysis/ablation";
import { type HeadPlace, headName } from "../../analysis/circuits";
import { prefixMatching } from "../../analysis/head-scores";
import { inContextScore } from "../../analysis/in-context";
import { lossesOf } from "../../analysis/losses";
import { patchPaths } from "../../analysis/path-patching";
import { joinTaps, probe, type Sequences } from "../../analysis/probe";
import type { AttentionOnly } from "../../models/attention-only";
import type { Taps } from "../../nn/taps";
import { scope } from "../../tensor/tensor";
import { mean } from "../select";
import type { AnatomyTask } from "./task";

/** Nats: the mean loss where the answer stands before, and the late loss minus the early one. */
export type Skill = {
  readonly known: number;
  readonly inContext: number;
};

export type Ablations = {
  readonly base: Skill;
  /** All heads of the layer silenced. */
  readonly firstLayer: Silenced;
  readonly lastLayer: Silenced;
  readonly heads: readonly (Silenced & { readonly name: string; readonly layer: number })[];
};

export type Silenced = {
  /** Whatever comes later is computed again. */
  readonly full: Skill;
  /** All patterns are as they were. */
  readonly preserving: Skill;
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
  const last = model.config.layers - 1;
  const places = headPlaces(model);
  const silenced = (heads: readonly HeadPlace[]): Silenced =>
    scope(() => ({
      full: skillOf(model, task, silenceHeads(heads)),
      preserving: skillOf(model, task, joinTaps(holdPatterns(model, task.held), silenceHeads(heads))),
    }));
  return {
    base: skillOf(model, task),
    firstLayer: silenced(places.filter(({ layer }) => layer === 0)),
    lastLayer: silenced(places.filter(({ layer }) => layer === last)),
    heads: places.map((place) => ({ name: headName(place), layer: place.layer, ...silenced([place]) })),
  };
}

export function patching(model: AttentionOnly, task: AnatomyTask): Patching {
  const measure = (reading?: Reading) => {
    const taps = (sequences: Sequences) => (reading ? embeddingFor(reading, model, sequences) : {});
    const scores = task.repeated.map((tokens) => prefixScores(model, tokens, taps(tokens)));
    const heads = scores[0]!.map((_, head) => mean(scores.map((sample) => sample[head]!))); // there are samples
    return { known: skillOf(model, task, taps(task.held)).known, prefix: Math.max(...heads) };
  };
  return {
    none: measure(),
    query: measure("query"),
    key: measure("key"),
    value: measure("value"),
  };
}

export function skillOf(
  model: AttentionOnly,
  { held, known }: Pick<AnatomyTask, "held" | "known">,
  taps: Taps = {},
): Skill {
  const losses = lossesOf(model, held, taps);
  return {
    known: mean(Array.from(losses).filter((_, at) => known(at))),
    inContext: inContextScore(losses, held.context, INDICES),
  };
}

/** One of what the last layer makes of the stream is made of the tokens alone. */
function embeddingFor(reading: Reading, model: AttentionOnly, sequences: Sequences): Taps {
  return patchPaths(model, sequences, {
    layer: model.config.layers - 1,
    inputs: [reading],
    keep: ({ name }) => name === "token",
  });
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
