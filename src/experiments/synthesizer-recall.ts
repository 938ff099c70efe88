// Where does attention without comparisons fail? At recall: the task inverts the order of the translation experiment, and shows in
// miniature why synthesizers fall behind on sentence pairs (Tay et al. 2021, arXiv:2005.00743, tables on GLUE and SuperGLUE).
//
// Pairs of keys and values in random order, then one of the keys (data/recall.ts). Which token holds the answer only its content says, so a
// table of positions can do no better than to guess the commonest value, and so can a token that asks positions by itself.
//
// We would change our mind if a random or a dense synthesizer recalled, or if a mixture with dot products did not move its weight to them.
import type { Experiment } from "./experiment";
import { accuracyFigures, alphaFigure, curveFigure, mapFigures } from "./synthesizer/figures";
import {
  checkSynthesizer,
  means,
  type SynthesizerConfig,
  type SynthesizerMetrics,
  synthesizerTrial,
} from "./synthesizer/trial";

const VARIANTS = ["V", "R", "D", "R+V"] as const;
const base = { task: "recall", width: 32, heads: 4, layers: 1, learningRate: 3e-3, tableRate: 15, spread: 0 };
/** Share of a value that is drawn at random: the commonest of twelve values is there in some three of twelve pairs. */
const GUESSED = 0.45;

export const synthesizerRecall: Experiment<SynthesizerConfig, SynthesizerMetrics> = {
  name: "synthesizer-recall",
  question: "Where does attention that never compares tokens fail?",
  paper: "Tay et al. 2021, Synthesizer: Rethinking Self-Attention for Transformer Models, arXiv:2005.00743",
  grid: {
    smoke: {
      // Four pairs.
      configs: (["V", "R"] as const).map((variant) => ({
        ...base,
        variant,
        context: 5,
        steps: 200,
        batch: 32,
      })),
      seeds: [0],
      budgetSeconds: 4,
    },
    full: {
      configs: VARIANTS.map((variant) => ({ ...base, variant, context: 13, steps: 500, batch: 64 })),
      seeds: [0, 1, 2],
      budgetSeconds: 120,
    },
  },
  check: checkSynthesizer,
  trial: synthesizerTrial,
  claims: [
    {
      id: "needs-comparison",
      statement: "Only attention that compares tokens recalls.",
      source: "Tay et al. 2021, tables on GLUE and SuperGLUE, in miniature",
      expected: `mean accuracy of V and R+V at least 0.98, of R and D at most ${GUESSED}`,
      gate: "full",
      check(trials) {
        const found = means(trials, "recall", VARIANTS);
        if (!found) return undefined;
        const recalls = ["V", "R+V"].every((name) => found.of(name) >= 0.98);
        return {
          observed: found.text,
          holds: recalls && ["R", "D"].every((name) => found.of(name) <= GUESSED),
        };
      },
    },
    {
      id: "mixture-chooses",
      statement: "A mixture finds out that only content helps.",
      source: "own, after the mixtures of Tay et al. 2021",
      expected: "alpha of dot products in R+V, mean over heads and seeds, at least 0.9",
      gate: "full",
      check(trials) {
        const mixed = trials.filter(({ config }) => config.variant === "R+V");
        if (mixed.length === 0) return undefined;
        const shares = mixed.flatMap(({ metrics }) => metrics.alpha.flat().map(([, second = 0]) => second));
        const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length;
        const least = Math.min(...shares);
        return { observed: `${mean.toFixed(3)}, the least head ${least.toFixed(3)}`, holds: mean >= 0.9 };
      },
    },
    {
      id: "order-inverts",
      statement: "What wins where order moves by rules loses where content decides.",
      source: "own; Narang et al. 2021, arXiv:2102.11972, table 1 (SuperGLUE)",
      expected: "mean accuracy of V at least 0.2 above R",
      gate: "smoke",
      check(trials) {
        const found = means(trials, "recall", ["V", "R"]);
        return found && { observed: found.text, holds: found.of("V") >= found.of("R") + 0.2 };
      },
    },
  ],
  figures: (trials) => [
    ...accuracyFigures(trials, "To guess any value is right in one of as many as there are."),
    ...alphaFigure(trials),
    ...mapFigures(trials, VARIANTS),
    curveFigure(trials, "recall"),
  ],
};
