// What induction-heads measures of a model while it learns random repeats.
import { allHeads, fullOv } from "../../analysis/circuits";
import { eigenRatio } from "../../analysis/copying";
import { prefixMatching, previousToken } from "../../analysis/head-scores";
import { inContextScore, lossByIndex } from "../../analysis/in-context";
import { circuitsOf } from "../../analysis/model-circuits";
import { attentionPatterns } from "../../analysis/probe";
import type { RepeatedBatch } from "../../data/repeated-sequences";
import type { AttentionOnly } from "../../models/attention-only";
import type { Rng } from "../../tensor/rng";
import { rounded } from "../rounded";
import { mean } from "../select";
import { type BrokenLoss, type BrokenRepeats, brokenLoss, brokenRepeats } from "./broken-repeat";
import { baselineOf, keyComposition } from "./key-composition";
import { isFirstCopy, isHeldOut, isSecondCopy, predict, type RepeatsSets, repeatedSample } from "./repeats";

/** A model after so many steps. Scores are [layers][heads]. */
export type InductionLook = {
  readonly step: number;
  /** Mean nats in the first block, where nothing can be known, and from the second block on. */
  readonly first: number;
  readonly second: number;
  /** Mean loss at a late index minus at an early one. */
  readonly inContext: number;
  readonly prefix: readonly (readonly number[])[];
  readonly previous: readonly (readonly number[])[];
  /** Largest K-composition above random; null with one layer. */
  readonly composition: number | null;
  /** Eigenvalue ratio of W_E OV W_U of the head that matches prefixes best: 1 copies. */
  readonly copying: number;
  /** Mean nats by the index of the token that predicts. */
  readonly byIndex: readonly number[];
  readonly broken: BrokenLoss;
  /** Attention on the shown sequence, [T, T] a head, layer by layer, as bytes in hexadecimal. */
  readonly patterns: readonly string[];
};

export interface Watched extends RepeatsSets {
  readonly broken: BrokenRepeats;
  /** A short sequence, whose patterns are kept. */
  readonly shown: Int32Array;
  /** K-composition of random matrices. */
  readonly baseline: number;
}

/** The paper's are 50 and 500 of 512. */
const INDICES = { early: 4, late: 44 } as const;
const SHOWN = { period: 8, repeats: 3 } as const;

export function watched(sets: RepeatsSets, model: AttentionOnly, rng: Rng): Watched {
  return {
    ...sets,
    broken: brokenRepeats(rng.fork("broken")),
    shown: repeatedSample(rng.fork("shown"), SHOWN.period, SHOWN.repeats),
    baseline: baselineOf(circuitsOf(model), rng.fork("baseline")),
  };
}

export function inductionLook(model: AttentionOnly, step: number, sets: Watched): InductionLook {
  const { sequences, samples, shown, baseline } = sets;
  const { losses } = predict(model, sequences);
  const meanWhere = (counts: (batch: RepeatedBatch, at: number) => boolean) =>
    rounded(mean(Array.from(losses).filter((_, at) => counts(sequences, at))));
  const scores = samples.map((tokens) =>
    attentionPatterns(model, tokens).map(({ weights }) => ({
      prefix: prefixMatching(weights, tokens),
      previous: previousToken(weights),
    })),
  );
  const ofHeads = (score: "prefix" | "previous") =>
    scores[0]!.map((_, head) => rounded(mean(scores.map((heads) => heads[head]![score])))); // there are samples
  const prefix = ofHeads("prefix");
  const circuits = circuitsOf(model);
  const best = allHeads(circuits)[prefix.indexOf(Math.max(...prefix))]!; // in the same order
  return {
    step,
    first: meanWhere(isFirstCopy),
    second: meanWhere(isSecondCopy),
    inContext: rounded(inContextScore(losses, sequences.context, INDICES)),
    prefix: byLayer(model, prefix),
    previous: byLayer(model, ofHeads("previous")),
    composition: keyComposition(circuits, baseline),
    copying: rounded(eigenRatio(fullOv(circuits, best).eigenvalues())),
    byIndex: Array.from(lossByIndex(losses, sequences.context), rounded),
    broken: brokenLoss(model, sets.broken),
    patterns: attentionPatterns(model, shown).map(({ weights }) => hexadecimal(weights)),
  };
}

/** Share of second copies whose likeliest token is right: of pairs that training had, or of those that it had not. */
export function pairAccuracy(model: AttentionOnly, sequences: RepeatedBatch, heldOut: boolean): number {
  const { right } = predict(model, sequences);
  const asked = Array.from(right).filter(
    (_, at) =>
      isSecondCopy(sequences, at) && isHeldOut(sequences.inputs[at]!, sequences.targets[at]!) === heldOut,
  );
  return rounded(mean(asked));
}

/** A list over all heads, [layers][heads]. */
export function byLayer<T>({ config: { layers, heads } }: AttentionOnly, all: readonly T[]): T[][] {
  return Array.from({ length: layers }, (_, layer) => all.slice(layer * heads, (layer + 1) * heads));
}

function hexadecimal(weights: Float32Array): string {
  return Array.from(weights, (weight) =>
    Math.round(255 * weight)
      .toString(16)
      .padStart(2, "0"),
  ).join("");
}

/** Weights between 0 and 1 from their bytes. */
export function fromHexadecimal(pattern: string): number[] {
  return Array.from(
    { length: pattern.length / 2 },
    (_, at) => Number.parseInt(pattern.slice(2 * at, 2 * at + 2), 16) / 255,
  );
}
