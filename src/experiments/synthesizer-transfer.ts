// Does what synthesizers learn in pre-training transfer to pairs of sentences (Tay et al. 2021, arXiv:2005.00743, on GLUE and SuperGLUE)?
//
// In miniature (data/sentence-pairs.ts): first fill in holes in pairs of sentences, where neighbours tell most; then say whether the second
// sentence speaks of what the first is about, which stands at any place. All in one sequence, as T5 does it, so a model must look from one
// sentence into the other by content. The article's explanation for its results is that tables and dense synthesizers cannot.
//
// Reported, not gated: which way it goes, and by how much. What is compared is who learns it first: twelve topics are few enough that after
// 1000 steps of tuning synthesizers have learned them one by one (R 0.91, D 1.00 where V is at 1.00).
import { pairQuestions, pairSizes, pairsWithHoles } from "../data/sentence-pairs";
import { tagger } from "../models/tagger";
import { parameterCount } from "../nn/module";
import type { Rng } from "../tensor/rng";
import type { Experiment, Trial } from "./experiment";
import { rounded } from "./rounded";
import { macsPerToken } from "./synthesizer/cost";
import { accuracy, learn, look } from "./synthesizer/learn";
import { transferFigures } from "./synthesizer/transfer-figures";
import { variantSettings } from "./synthesizer/variants";

export type TransferConfig = {
  readonly variant: string;
  readonly width: number;
  readonly heads: number;
  readonly layers: number;
  readonly batch: number;
  /** Of filling in holes, then of answering. */
  readonly pretraining: number;
  readonly tuning: number;
  readonly learningRate: number;
  readonly tableRate: number;
};

export type TransferMetrics = {
  /** Share of holes filled in rightly after pre-training, and of questions answered rightly after tuning. */
  readonly holes: number;
  readonly answers: number;
  /** The same answers without pre-training. */
  readonly answersFromScratch: number;
  readonly parameters: number;
  readonly macs: number;
  /** Pairs of step and loss: of pre-training, and of tuning after it. */
  readonly pretrainingCurve: readonly (readonly [number, number])[];
  readonly tuningCurve: readonly (readonly [number, number])[];
  readonly maps: readonly (readonly (readonly number[])[])[];
  readonly alpha: readonly (readonly (readonly number[])[])[];
};

export type TransferTrial = Trial<TransferConfig, TransferMetrics>;

const base = { width: 32, heads: 4, layers: 2, batch: 64, learningRate: 3e-3, tableRate: 15 };
const EVALUATION_BATCH = 100;
/** One of 48 words, topics and synonyms. */
const GUESSED_HOLE = 1 / 48;

export const synthesizerTransfer: Experiment<TransferConfig, TransferMetrics> = {
  name: "synthesizer-transfer",
  question: "Does what synthesizers learn transfer to pairs of sentences?",
  paper: "Tay et al. 2021, Synthesizer: Rethinking Self-Attention for Transformer Models, arXiv:2005.00743",
  grid: {
    smoke: {
      configs: ["V", "R"].map((variant) => ({
        ...{ ...base, layers: 1, batch: 32, variant },
        pretraining: 200,
        tuning: 20,
      })),
      seeds: [0],
      budgetSeconds: 4,
    },
    full: {
      configs: ["V", "R", "D", "R+V"].map((variant) => ({
        ...base,
        variant,
        pretraining: 600,
        tuning: 1000,
      })),
      seeds: [0, 1, 2],
      budgetSeconds: 240,
    },
  },
  check: ({ variant }) => {
    variantSettings(variant);
  },
  trial,
  claims: [
    {
      id: "fills-holes",
      statement: "In pre-training a table learns what neighbours tell.",
      source: "Narang et al. 2021, arXiv:2102.11972, table 1 (loss of pre-training), in miniature",
      expected: "every variant fills at least twice as many holes rightly as by chance, every seed",
      gate: "smoke",
      check(trials) {
        const least = Math.min(...trials.map(({ metrics }) => metrics.holes));
        return {
          observed: `the least ${least}, by chance ${rounded(GUESSED_HOLE)}`,
          holds: least >= 2 * GUESSED_HOLE,
        };
      },
    },
    {
      id: "pairs-need-comparison",
      statement: "On pairs of sentences dot products learn first.",
      source: "Tay et al. 2021, tables on GLUE and SuperGLUE (T5 70.3, Random 61.1, Dense 58.5, R+V 72.2)",
      expected: "mean share of right answers of V above R and D",
      gate: "none",
      check(trials) {
        const of = new Map(["V", "R", "D", "R+V"].map((name) => [name, mean(trials, name)]));
        const value = (name: string) => of.get(name) ?? Number.NaN;
        if ([...of.values()].some(Number.isNaN)) return undefined;
        return {
          observed: [...of].map(([name, share]) => `${name} ${share.toFixed(3)}`).join(", "),
          holds: value("V") > Math.max(value("R"), value("D")),
        };
      },
    },
  ],
  figures: transferFigures,
};

function mean(trials: readonly TransferTrial[], variant: string): number {
  const values = trials
    .filter(({ config }) => config.variant === variant)
    .map(({ metrics }) => metrics.answers);
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function* trial(config: TransferConfig, rng: Rng): Generator<number, TransferMetrics, void> {
  const { variant, width, heads, layers, batch, pretraining, tuning, learningRate, tableRate } = config;
  const rates = { learningRate, tableRate };
  const make = () =>
    tagger({ ...pairSizes, width, heads, layers, ...variantSettings(variant) }, rng.fork("weights"));
  const questions = pairQuestions({ batch, rng: rng.fork("questions") });
  const asked = pairQuestions({ batch: EVALUATION_BATCH, rng: rng.fork("asked") });
  const total = pretraining + 2 * tuning;
  const part = function* (
    steps: Generator<number, readonly (readonly [number, number])[]>,
    from: number,
    size: number,
  ) {
    for (;;) {
      const turn = steps.next();
      if (turn.done) return turn.value;
      yield (from + turn.value * size) / total;
    }
  };
  const model = make();
  const holes = pairsWithHoles({ batch, rng: rng.fork("holes") });
  const pretrainingCurve = yield* part(
    learn(model, { batches: holes, steps: pretraining, ...rates }),
    0,
    pretraining,
  );
  const filled = accuracy(model, pairsWithHoles({ batch: EVALUATION_BATCH, rng: rng.fork("filled") }));
  const tuned = learn(model, { batches: questions, steps: tuning, ...rates });
  const tuningCurve = yield* part(tuned, pretraining, tuning);
  const answers = accuracy(model, asked);
  const fresh = make();
  yield* part(learn(fresh, { batches: questions, steps: tuning, ...rates }), pretraining + tuning, tuning);
  return {
    holes: rounded(filled),
    answers: rounded(answers),
    answersFromScratch: rounded(accuracy(fresh, asked)),
    parameters: parameterCount(model),
    macs: Math.round(layers * macsPerToken(model.config, pairSizes.context, batch)),
    pretrainingCurve,
    tuningCurve,
    ...look(model, questions(0).inputs.slice(0, pairSizes.context)),
  };
}
