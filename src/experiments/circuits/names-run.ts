// A trial of made-up-name: a model of one or two layers learns pairs of words, and is asked for known and for made-up names.

import { silenceHeads } from "../../analysis/ablation";
import { allHeads, type Circuits, directPath, fullOv, fullQk } from "../../analysis/circuits";
import { eigenRatio } from "../../analysis/copying";
import type { FactoredMatrix } from "../../analysis/factored";
import { previousToken } from "../../analysis/head-scores";
import { circuitsOf } from "../../analysis/model-circuits";
import { attentionPatterns } from "../../analysis/probe";
import { kinds, type NameProbe, words } from "../../data/made-up-names";
import type { AttentionOnly } from "../../models/attention-only";
import type { Rng } from "../../tensor/rng";
import type { Trial, Yielded } from "../experiment";
import { rounded } from "../rounded";
import { mean } from "../select";
import { type HeadView, headViews } from "./head-view";
import { baselineOf, keyComposition } from "./key-composition";
import { learnCircuit } from "./learn";
import { type CircuitModel, circuitModel } from "./model";
import {
  answers,
  binding,
  likeliestWords,
  type NameProbes,
  nameProbes,
  namesBatches,
  namesSizes,
  recallAccuracy,
} from "./names";

export type NamesConfig = CircuitModel & {
  readonly batch: number;
  readonly steps: number;
  readonly learningRate: number;
  /** Of each kind, and sequences that recall is measured on; twice as many of binding. */
  readonly probes: number;
};

export type NamesHead = {
  readonly layer: number;
  readonly head: number;
  /** Previous-token score on sequences of the task. */
  readonly previous: number;
  /** Attention of the asking title to the answer, mean over probes of known and of made-up names. */
  readonly toKnown: number;
  readonly toNovel: number;
  /** Eigenvalue ratio of W_E OV W_U: 1 copies. */
  readonly copying: number;
  /** Shares of right answers without this head. */
  readonly knownWithout: number;
  readonly novelWithout: number;
  /** How much more titles ask for names than for common words: mean scores from tokens alone. Of the first layer. */
  readonly asksForNames: number;
};

/** One probe as a figure shows it. */
export type ShownProbe = {
  readonly tokens: readonly string[];
  readonly targets: readonly string[];
  readonly heads: readonly HeadView[];
  readonly likeliest: readonly { readonly word: string; readonly probability: number }[];
};

export type NamesMetrics = {
  /** Of values whose pair was told before, in sequences like those of training. */
  readonly recall: number;
  /** Shares of right answers, and mean probabilities. */
  readonly known: number;
  readonly two: number;
  readonly novel: number;
  readonly novel2: number;
  readonly knownProbability: number;
  readonly novelProbability: number;
  /** Shares of choices between two values of one kind that are right, and mean gaps of logits. */
  readonly bindingNames: number;
  readonly bindingNovel: number;
  readonly gapNames: number;
  readonly gapNovel: number;
  /** Largest K-composition above what random matrices have; null with one layer. */
  readonly keyComposition: number | null;
  /** Mean logits that a title gives by itself, the direct path: to names, made-up names, common words. */
  readonly direct: { readonly names: number; readonly novel: number; readonly common: number };
  readonly heads: readonly NamesHead[];
  /** Shares of made-up names right without any head of a layer, by layer. */
  readonly novelWithoutLayer: readonly number[];
  /** Steps, with recall. */
  readonly curve: readonly (readonly [step: number, recall: number])[];
  readonly shown: { readonly known: ShownProbe; readonly novel: ShownProbe };
};

export type NamesTrial = Trial<NamesConfig, NamesMetrics>;

/** Probes, and sequences, that patterns are averaged over at most. */
const LOOKED_AT = 50;
const LIKELIEST = 3;

export function* namesTrial(config: NamesConfig, rng: Rng): Generator<Yielded, NamesMetrics, void> {
  const { batch, steps, learningRate } = config;
  const model = circuitModel(config, namesSizes, rng.fork("weights"));
  const sizes = { sequences: config.probes, asked: config.probes, binding: 2 * config.probes };
  const probes = nameProbes(sizes, rng.fork("probes"));
  const curve = yield* learnCircuit(model, {
    batches: namesBatches(batch, rng.fork("training")),
    look: (step): [number, number] => [step, recallAccuracy(model, probes.sequences)],
    decay: "to-a-tenth",
    ...{ steps, learningRate },
  });
  const { known, two, novel, novel2 } = probes.asked;
  const [toKnown, toNovel] = [answers(model, known), answers(model, novel)];
  const [names, madeUp] = [binding(model, probes.binding.names), binding(model, probes.binding.novel)];
  const circuits = circuitsOf(model);
  return {
    recall: recallAccuracy(model, probes.sequences),
    ...{ known: toKnown.accuracy, two: answers(model, two).accuracy },
    ...{ novel: toNovel.accuracy, novel2: answers(model, novel2).accuracy },
    ...{ knownProbability: toKnown.probability, novelProbability: toNovel.probability },
    ...{ bindingNames: names.accuracy, bindingNovel: madeUp.accuracy },
    ...{ gapNames: names.gap, gapNovel: madeUp.gap },
    keyComposition: keyComposition(circuits, baselineOf(circuits, rng.fork("baseline"))),
    direct: fromTitles(directPath(circuits)),
    heads: headScores(model, circuits, probes),
    novelWithoutLayer: circuits.layers.map(
      (heads) => answers(model, novel, { taps: silenceHeads(heads) }).accuracy,
    ),
    curve,
    shown: { known: shownProbe(model, known, "Smith"), novel: shownProbe(model, novel, "Gigamuru") },
  };
}

/** Scores of every head, from patterns over the same sequences for all of them. */
function headScores(model: AttentionOnly, circuits: Circuits, { sequences, asked }: NameProbes): NamesHead[] {
  const look = (inputs: Int32Array, width: number) =>
    rowsOf(inputs, width)
      .slice(0, LOOKED_AT)
      .map((tokens) => ({ tokens, patterns: attentionPatterns(model, tokens) }));
  const told = look(sequences.inputs, sequences.context);
  const [known, novel] = [asked.known, asked.novel].map(({ inputs, length }) => look(inputs, length));
  return allHeads(circuits).map((place, at) => {
    const { layer, head } = place;
    const over = (looks: typeof told, score: (weights: Float32Array, tokens: Int32Array) => number) =>
      rounded(mean(looks.map(({ tokens, patterns }) => score(patterns[at]!.weights, tokens)))); // in the same order
    const without = (probe: NameProbe) => answers(model, probe, { taps: silenceHeads([place]) }).accuracy;
    const { names, common } = fromTitles(fullQk(circuits, place));
    return {
      ...{ layer, head },
      previous: over(told, previousToken),
      toKnown: over(known!, toAnswer), // both were made above
      toNovel: over(novel!, toAnswer),
      copying: rounded(eigenRatio(fullOv(circuits, place).eigenvalues())),
      knownWithout: without(asked.known),
      novelWithout: without(asked.novel),
      asksForNames: rounded((names - common) / Math.sqrt(place.qk.rank)), // as the softmax has it
    };
  });
}

/** The attention of the last token to what stood behind its first occurrence. */
function toAnswer(weights: Float32Array, tokens: Int32Array): number {
  return weights[(tokens.length - 1) * tokens.length + tokens.indexOf(tokens.at(-1)!) + 1]!;
}

/** Mean entries of the rows of titles, over columns of each kind. */
function fromTitles(circuit: FactoredMatrix) {
  const over = (columns: readonly number[]) =>
    rounded(mean(kinds.titles.flatMap((title) => columns.map((column) => circuit.entry(title, column)))));
  return { names: over(kinds.names), novel: over(kinds.novel), common: over(kinds.common) };
}

/** The first probe of this name after "Doctor"; the first of all where there is none. */
function shownProbe(model: AttentionOnly, probe: NameProbe, name: string): ShownProbe {
  const rows = rowsOf(probe.inputs, probe.length);
  const wanted = rows.findIndex(
    (tokens, row) => words[tokens.at(-1)!] === "Doctor" && words[probe.answers[row]!] === name,
  );
  const row = Math.max(wanted, 0);
  const tokens = rows[row]!; // probes are never empty
  const targets = [...tokens.subarray(1), probe.answers[row]!];
  return {
    tokens: Array.from(tokens, (id) => words[id]!),
    targets: targets.map((id) => words[id]!),
    heads: headViews(model, tokens, targets),
    likeliest: likeliestWords(model, tokens, LIKELIEST),
  };
}

function rowsOf(all: Int32Array, width: number): Int32Array[] {
  return Array.from({ length: all.length / width }, (_, row) => all.subarray(row * width, (row + 1) * width));
}
