// Which positions can number equal tokens (Su 2022, kexue.fm/archives/9105; Luo et al. 2022, URPE, arXiv:2205.13401)?
//
// `constant`: a sequence of equal tokens is to be numbered, for every position scheme and normaliser of the zoo under two masks: by value,
// whether random weights tell rows apart, and by training. `identify` and `even`: the paper's tasks on random tokens, smaller. `laws`: row
// sums of equal scores against closed forms.
//
// We would change our mind if a scheme that works on scores alone numbered equal tokens under softmax, or if one of the article's remedies
// did not.
import { normalizers } from "../attention/normalizer";
import { positions } from "../attention/position";
import type { Experiment, Json } from "./experiment";
import { positionTasks } from "./length/position-tasks";
import { type Probe, probe, probeConfig, spread } from "./length/probe";
import { probeClaims } from "./length/probe-claims";
import { probeFigures } from "./length/probe-figures";
import { probeLaws } from "./length/probe-laws";

export type ProbeConfig = { readonly [Name in keyof Probe]: Probe[Name] };

/** Of trained parts `loss` (nats) and `accuracy`, of `constant` also `spread` with `place` and `mirrored`; of `laws` those of ProbeLaws. */
export type ProbeMetrics = { readonly [name: string]: Json };

/** The article's: one sequence of 16 equal tokens. */
const constant = {
  ...{ part: "constant", n: 16, symbols: 1, marked: false },
  ...{ width: 32, heads: 2, layers: 2, steps: 600, batch: 1, learningRate: 3e-3 },
};
const larger = { layers: 3, heads: 4, width: 48, learningRate: 2e-3 };
const identify = { ...constant, ...larger, part: "identify", n: 64, symbols: 64, batch: 8, steps: 400 };
const even = { ...constant, ...larger, part: "even", n: 24, symbols: 16, batch: 16, steps: 1500 };
const laws = { ...constant, part: "laws", position: "none", normalizer: "softmax", mask: "causal" };

const rope = { position: "rope", normalizer: "softmax", mask: "bidirectional", marked: false };
/** The article's remedies, and what they mend. */
const remedies = [
  { ...rope, position: "relative" },
  { ...rope, position: "urpe" },
  { ...rope, normalizer: "l2" },
  { ...rope, marked: true },
];

const MASKS = ["bidirectional", "causal"] as const;
const zoo = Object.keys(positions).flatMap((position) =>
  Object.keys(normalizers).flatMap((normalizer) =>
    MASKS.map((mask) => ({ ...constant, position, normalizer, mask })),
  ),
);

export const positionProbe: Experiment<ProbeConfig, ProbeMetrics> = {
  name: "position-probe",
  question: "Which positions can number equal tokens?",
  paper:
    "Su 2022, kexue.fm/archives/9105; Luo et al. 2022, Your Transformer May Not be as Powerful as You Expect, arXiv:2205.13401",
  grid: {
    smoke: {
      configs: [
        { ...constant, ...rope, steps: 300 },
        { ...constant, ...rope, position: "urpe", steps: 300 },
        { ...constant, ...rope, normalizer: "l2", steps: 300 },
        laws,
      ],
      seeds: [0],
      budgetSeconds: 4,
    },
    full: {
      configs: [
        laws,
        ...zoo,
        { ...constant, ...rope, marked: true },
        { ...constant, position: "none", normalizer: "softmax", mask: "causal", marked: true },
        ...[identify, even].flatMap((task) => remedies.map((remedy) => ({ ...task, ...remedy }))),
      ],
      seeds: [0, 1, 2],
      budgetSeconds: 500,
    },
  },
  choices: {
    part: ["laws", ...Object.keys(positionTasks)],
    position: Object.keys(positions),
    normalizer: Object.keys(normalizers),
  },
  check(config) {
    if (config.part === "laws") return;
    for (const [name, least] of Object.entries({ n: 2, symbols: 1, batch: 1 })) {
      const value = config[name as keyof ProbeConfig]; // its own key
      if (!(Number.isInteger(value) && Number(value) >= least))
        throw new Error(`position-probe: ${name} must be a whole number of at least ${least}, got ${value}`);
    }
    probeConfig(config);
  },
  *trial(config, rng) {
    if (config.part === "laws") return probeLaws();
    const trained = yield* probe(config, rng);
    if (config.part !== "constant") return trained;
    const { curve: _, ...numbers } = trained;
    return { ...numbers, ...spread(config, rng.fork("spread")) };
  },
  claims: probeClaims,
  figures: probeFigures,
};
