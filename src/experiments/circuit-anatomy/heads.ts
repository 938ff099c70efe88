// What each head of a trained model is like, by its weights and by what it attends to.
import { allHeads, type Circuits, fullOv, type HeadCircuit, headName } from "../../analysis/circuits";
import { copyingScore, diagonalStatistics, eigenRatio } from "../../analysis/copying";
import { headLabels } from "../../analysis/head-labels";
import { duplicateToken, firstToken, prefixMatching, previousToken } from "../../analysis/head-scores";
import { sameMatching } from "../../analysis/matching";
import { matrix, product } from "../../analysis/matrix";
import { circuitsOf } from "../../analysis/model-circuits";
import type { Complex } from "../../analysis/spectrum";
import type { AttentionOnly } from "../../models/attention-only";
import { rounded } from "../rounded";
import { mean } from "../select";
import type { AnatomyTask } from "./task";
import { frozenPatterns, part, type Watched, watch } from "./watch";

export type HeadAnatomy = {
  readonly name: string;
  readonly layer: number;
  readonly labels: readonly string[];
  /** 0 to 1, of attention: to the token before, to the same token, to what followed it; on the first token where nothing repeats. */
  readonly previous: number;
  readonly duplicate: number;
  readonly prefix: number;
  readonly resting: number;
  /** Mean length of the value of the first token, and of others. */
  readonly firstValue: number;
  readonly otherValues: number;
  readonly copying: number;
  /** Of W_E OV W_U. */
  readonly ov: Spectrum & {
    readonly meanDiagonal: number;
    readonly meanOffDiagonal: number;
    readonly ownLargest: number;
  };
  /** Of the match of a token with what earlier heads wrote of it; null in the first layer. */
  readonly matching: Spectrum | null;
};

export type Spectrum = {
  readonly ratio: number;
  readonly trace: number;
  /** |sum of eigenvalues - trace| relative to the sum of their magnitudes. */
  readonly traceError: number;
  /** For figures. */
  readonly eigenvalues: readonly (readonly [re: number, im: number])[];
};

/** Queries that have seen enough tokens to have somewhere else to look. */
const RESTING_FROM = 5;
/** Sequences for previous-token scores. */
const SEQUENCES = 32;

export function headAnatomies(model: AttentionOnly, task: AnatomyTask): HeadAnatomy[] {
  const circuits = circuitsOf(model);
  const previous = previousScores(model, task);
  const repeated = task.repeated.map((tokens) => ({ tokens, patterns: frozenPatterns(model, tokens) }));
  const distinct = task.distinct.map((tokens) => watch(model, tokens));
  return allHeads(circuits).map((head) => {
    const at = <T>(all: readonly (readonly T[])[]): T => all[head.layer]![head.head]!; // a head of the model
    const ofRepeated = (score: (pattern: ArrayLike<number>, tokens: ArrayLike<number>) => number) =>
      mean(repeated.map(({ tokens, patterns }) => score(at(patterns), tokens)));
    const over = fullOv(circuits, head);
    const scores = {
      previousToken: at(previous),
      duplicateToken: ofRepeated(duplicateToken),
      prefixMatching: ofRepeated(prefixMatching),
      copying: eigenRatio(over.eigenvalues()),
    };
    return {
      name: headName(head),
      layer: head.layer,
      labels: headLabels(scores),
      previous: scores.previousToken,
      duplicate: scores.duplicateToken,
      prefix: scores.prefixMatching,
      resting: mean(distinct.map(({ patterns }) => firstToken(at(patterns), RESTING_FROM))),
      ...valueLengths(model, head, distinct),
      copying: mean(distinct.map((run) => copyingOf(model, circuits, head, run))),
      ov: { ...spectrum(over), ...diagonalStatistics(over) },
      matching: head.layer > 0 ? spectrum(sameMatching(circuits, head, previous)) : null,
    };
  });
}

/** Previous-token scores by layer and head, on sequences as in training. */
export function previousScores(model: AttentionOnly, { held }: AnatomyTask): number[][] {
  const runs = Array.from({ length: Math.min(SEQUENCES, held.batch) }, (_, row) =>
    frozenPatterns(model, held.inputs.subarray(row * held.context, (row + 1) * held.context)),
  );
  return Array.from({ length: model.config.layers }, (_, layer) =>
    Array.from({ length: model.config.heads }, (_, head) =>
      mean(runs.map((patterns) => previousToken(patterns[layer]![head]!))),
    ),
  );
}

export function spectrum(circuit: { eigenvalues(): Complex[]; trace(): number }): Spectrum {
  const eigenvalues = circuit.eigenvalues();
  const trace = circuit.trace();
  const sum = eigenvalues.reduce((total, { re }) => total + re, 0);
  const scale = eigenvalues.reduce((total, { re, im }) => total + Math.sqrt(re * re + im * im), 0);
  return {
    ratio: eigenRatio(eigenvalues),
    trace,
    traceError: scale === 0 ? 0 : Math.abs(sum - trace) / scale,
    eigenvalues: eigenvalues.map(({ re, im }) => [rounded(re), rounded(im)] as const),
  };
}

function copyingOf(
  { config }: AttentionOnly,
  { unembedding }: Circuits,
  { layer, head, ov }: HeadCircuit,
  { tokens, patterns, values }: Watched,
): number {
  const writes = product(ov.right, unembedding); // [D, V]
  return copyingScore({
    tokens,
    pattern: patterns[layer]![head]!,
    effects: (position) =>
      product(matrix(1, ov.rank, part(values[layer]!, position, head, config)), writes).values,
  });
}

function valueLengths({ config }: AttentionOnly, { layer, head }: HeadCircuit, runs: readonly Watched[]) {
  const length = (run: Watched, position: number) =>
    Math.sqrt(
      part(run.values[layer]!, position, head, config).reduce((sum, value) => sum + value * value, 0),
    );
  return {
    firstValue: mean(runs.map((run) => length(run, 0))),
    otherValues: mean(
      runs.flatMap((run) => Array.from({ length: run.tokens.length - 1 }, (_, i) => length(run, i + 1))),
    ),
  };
}
