// When do induction heads appear, and what changes with them?
//
// Blocks of random symbols, repeated with a period that changes from sequence to sequence (data/repeated-sequences.ts). Whoever has seen the
// block once can know the rest, by looking for where the current symbol stood before and copying what came after it. Two layers should learn
// this suddenly: the loss on second copies, the score of prefix matching and learning in context all change within the same few dozen steps.
// One layer never should, unless each of its keys is smeared with the key before, which is what a first layer is needed for.
//
// We would change our mind if one plain layer got pairs right that training held out, if two layers learned gradually, or if the loss fell
// long before or after heads began to match prefixes. A fixed period is the trap: one layer then counts steps back and looks as good as two.
import { inductionClaims } from "./circuits/induction-claims";
import { inductionFigures } from "./circuits/induction-figures";
import { type InductionConfig, type InductionMetrics, inductionTrial } from "./circuits/induction-run";
import { inductionStory } from "./circuits/induction-story";
import { checkCircuitModel, circuitChoices } from "./circuits/model";
import { repeatsSizes } from "./circuits/repeats";
import type { Experiment } from "./experiment";

const base = {
  width: 32,
  heads: 2,
  position: "qk-learned",
  smear: "no",
  batch: 32,
  learningRate: 5e-3,
} as const;
const varying = { ...base, shortest: 6, longest: 16 } as const;
const fixed = { ...base, shortest: 12, longest: 12 } as const;

export const inductionHeads: Experiment<InductionConfig, InductionMetrics> = {
  name: "induction-heads",
  question: "When do induction heads appear, and what changes with them?",
  paper: "Olsson et al. 2022, In-context Learning and Induction Heads, arXiv:2209.11895; Elhage et al. 2021",
  grid: {
    smoke: {
      configs: (["yes", "no"] as const).map((smear) => ({
        ...varying,
        layers: 1,
        smear,
        batch: 16,
        steps: 150,
      })),
      seeds: [0],
      budgetSeconds: 4,
    },
    full: {
      configs: [
        { ...varying, layers: 2, steps: 400 },
        { ...varying, layers: 1, steps: 400 },
        { ...varying, layers: 1, smear: "yes", steps: 400 },
        { ...varying, layers: 2, smear: "yes", steps: 400 },
        { ...fixed, layers: 1, steps: 200 },
        { ...varying, layers: 2, position: "relative", steps: 400 },
      ],
      seeds: [0, 1, 2],
      budgetSeconds: 100,
    },
  },
  choices: circuitChoices,
  check: (config) => checkCircuitModel(config, repeatsSizes),
  trial: inductionTrial,
  claims: inductionClaims,
  story: inductionStory,
  figures: inductionFigures,
};
