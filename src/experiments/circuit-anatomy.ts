// How do small models of attention alone do what they do?
//
// Everything that they compute is a sum over paths through heads, each a product of weights, so it can be read. One layer should hold
// skip-trigrams, most of them copies. Two layers that learned to continue random repeats should hold heads of induction: a head of the
// first layer writes what stood before a token into it, keys of the last layer read that, and what is found is copied.
//
// We would change our mind if paths did not sum to the logits, if one layer did not copy, or if two layers composed by queries or values,
// needed the first layer for anything but keys, or went on learning in context without the heads that match and copy.
import { anatomyFigures } from "./circuit-anatomy/figures";
import { runClaims } from "./circuit-anatomy/run-claims";
import { anatomyStory } from "./circuit-anatomy/story";
import { tasks } from "./circuit-anatomy/task";
import { type AnatomyConfig, type AnatomyMetrics, anatomyTrial, checkAnatomy } from "./circuit-anatomy/trial";
import { weightClaims } from "./circuit-anatomy/weight-claims";
import { circuitChoices } from "./circuits/model";
import type { Experiment } from "./experiment";

const base = { width: 32, heads: 2, shortest: 6, longest: 16, batch: 32, steps: 400, smear: "no" } as const;
const repeats = {
  ...base,
  task: "repeats",
  position: "qk-learned",
  learningRate: 5e-3,
  decay: "none",
} as const;
const names = {
  ...base,
  task: "names",
  position: "relative",
  learningRate: 1e-2,
  decay: "to-a-tenth",
} as const;

export const circuitAnatomy: Experiment<AnatomyConfig, AnatomyMetrics> = {
  name: "circuit-anatomy",
  question: "How do small models of attention alone do what they do?",
  paper:
    "Elhage et al. 2021, A Mathematical Framework for Transformer Circuits; Olsson et al. 2022, arXiv:2209.11895",
  grid: {
    smoke: {
      configs: [{ ...repeats, layers: 1, batch: 16, steps: 60 }],
      seeds: [0],
      budgetSeconds: 4,
    },
    full: {
      configs: [
        { ...repeats, layers: 1 },
        { ...repeats, layers: 1, smear: "yes" },
        { ...repeats, layers: 2 },
        { ...names, layers: 1 },
        { ...names, layers: 2 },
      ],
      seeds: [0, 1, 2],
      budgetSeconds: 200,
    },
  },
  choices: { ...circuitChoices, task: tasks, decay: ["none", "to-a-tenth"] },
  check: checkAnatomy,
  trial: anatomyTrial,
  claims: [...weightClaims, ...runClaims],
  story: anatomyStory,
  figures: anatomyFigures,
};
