// How many heads does a learned table need (Tay et al. 2021, arXiv:2005.00743, which asks for several)?
//
// One head of a Random Synthesizer is one mix of positions for all channels: it cannot tell the word before from the word after. On the
// translation in miniature, where a word's counterpart depends on both neighbours, one head should fall behind four of the same width.
//
// We would change our mind if one head were enough.
import type { Experiment } from "./experiment";
import { accuracyFigures, curveFigure, mapFigures } from "./synthesizer/figures";
import {
  checkSynthesizer,
  meanAccuracy,
  type SynthesizerConfig,
  type SynthesizerMetrics,
  type SynthesizerTrial,
  synthesizerTrial,
} from "./synthesizer/trial";

const HEADS = [1, 2, 4] as const;
const base = {
  task: "translation",
  variant: "R",
  width: 32,
  layers: 1,
  learningRate: 3e-3,
  tableRate: 15,
  spread: 0,
};

export const synthesizerHeads: Experiment<SynthesizerConfig, SynthesizerMetrics> = {
  name: "synthesizer-heads",
  question: "How many heads does a learned table need?",
  paper: "Tay et al. 2021, Synthesizer: Rethinking Self-Attention for Transformer Models, arXiv:2005.00743",
  grid: {
    smoke: {
      configs: [1, 4].map((heads) => ({ ...base, heads, context: 8, steps: 300, batch: 32 })),
      seeds: [0],
      budgetSeconds: 4,
    },
    full: {
      configs: HEADS.map((heads) => ({ ...base, heads, context: 16, steps: 500, batch: 64 })),
      seeds: [0, 1, 2],
      budgetSeconds: 90,
    },
  },
  check: checkSynthesizer,
  trial: synthesizerTrial,
  claims: [
    {
      id: "one-is-not-enough",
      statement: "One head cannot tell the neighbours apart that four can.",
      source: "Tay et al. 2021, section 3.1 (multiple heads), in miniature",
      expected: "mean accuracy of one head at least 0.03 below four",
      gate: "full",
      check: (trials) => compare(trials, 0.03),
    },
    {
      id: "more-is-better",
      statement: "With more heads a table translates better.",
      source: "Tay et al. 2021, section 3.1 (multiple heads), in miniature",
      expected: "mean accuracy of four heads above one",
      gate: "smoke",
      check: (trials) => compare(trials, 0),
    },
  ],
  figures: (trials) => [
    ...accuracyFigures(trials, "A Random Synthesizer of width 32 on the translation in miniature."),
    ...mapFigures(trials, ["R"]),
    curveFigure(trials, "translation"),
  ],
};

function compare(trials: readonly SynthesizerTrial[], margin: number) {
  const found = HEADS.flatMap((heads) => {
    const mean = meanAccuracy(trials, { heads });
    return mean === undefined ? [] : [[heads, mean] as const];
  });
  const of = new Map<number, number>(found);
  const [one, four] = [of.get(1), of.get(4)];
  if (one === undefined || four === undefined) return undefined;
  return {
    observed: found.map(([heads, mean]) => `${heads}: ${mean.toFixed(4)}`).join(", "),
    holds: four - one >= margin && four > one,
  };
}
