// What lets a model trained on short sequences read long ones (Su 2023, kexue.fm/archives/9431, 9444, 9603 and 9731; Ruoss et al. 2023,
// arXiv:2305.16843)?
//
// Two things are new in longer sequences: positions that were never trained, and more keys. `before-last` asks for the symbol before the
// end, under every scheme with positions drawn at random, stretched or as they are, with log n or without. Four tasks of the benchmark of
// Ruoss et al. follow, with two layers. `text` is a language model of characters: windows below and full attention without positions on
// top (HWFA), beside rotary positions as they are and held at a distance (ReRoPE).
//
// We would change our mind if positions drawn at random did not help, or if log n alone did.
import { indices } from "../attention/position/strategy";
import type { Rng } from "../tensor/rng";
import type { Experiment, Inputs, Json } from "./experiment";
import { expectLonger, expectPlaces } from "./length/check";
import { expectText, readText } from "./length/masked";
import { expectRobust, type Robust, robust } from "./length/robust";
import { robustClaims } from "./length/robust-claims";
import { robustFigures } from "./length/robust-figures";
import { sequenceTasks } from "./length/sequence-tasks";
import { layerConfigs, trainedStacks } from "./length/stack";
import { stackText, testsOf } from "./length/stack-text";

export type RobustConfig = { readonly [Name in keyof Robust]: Robust[Name] } & {
  /** A file, or "" for the generated text, and the digest of its content. */
  readonly text: string;
  readonly textDigest: string;
  /** Of the text, from its start, white space collapsed; the last tenth is held out. */
  readonly characters: number;
};

/** `accuracy at 63` and the like, `longer`, the mean beyond training; of `text` the name of a stack before each. */
export type RobustMetrics = { readonly [name: string]: Json };

const noText = { text: "", textDigest: "", characters: 0 };
const beforeLast = {
  ...{ ...noText, part: "before-last", trained: 15, longest: 127, reach: 512 },
  ...{ width: 32, heads: 2, layers: 1, steps: 500, batch: 48, learningRate: 4e-3 },
};
const formal = {
  ...{ ...noText, trained: 16, longest: 40, reach: 256, logN: false },
  ...{ width: 32, heads: 4, layers: 2, steps: 1500, batch: 32, learningRate: 3e-3 },
};
const text = {
  ...{ text: "", textDigest: "", characters: 100_000, part: "text", trained: 128, longest: 1024, reach: 0 },
  ...{ index: "plain", width: 32, heads: 2, layers: 3, steps: 600, batch: 8, learningRate: 4e-3 },
};

const [PLAIN, RANDOM, STRETCHED] = ["plain", "random-subset", "equal-mean"] as const;

/** Every row that the figures are known of, and every legal pair of two of the three. */
const covering = [
  { position: "rope", index: PLAIN, logN: false },
  { position: "rope", index: PLAIN, logN: true },
  { position: "rope", index: RANDOM, logN: true },
  { position: "rope", index: STRETCHED, logN: true },
  { position: "sinusoidal", index: PLAIN, logN: false },
  { position: "sinusoidal", index: RANDOM, logN: false },
  { position: "sinusoidal", index: RANDOM, logN: true },
  { position: "sinusoidal", index: STRETCHED, logN: true },
  { position: "learned", index: PLAIN, logN: false },
  { position: "learned", index: RANDOM, logN: false },
  { position: "learned", index: PLAIN, logN: true },
  { position: "alibi", index: PLAIN, logN: false },
  { position: "alibi", index: RANDOM, logN: true },
  { position: "alibi", index: STRETCHED, logN: false },
  { position: "window", index: PLAIN, logN: false },
  { position: "window", index: RANDOM, logN: true },
  { position: "window", index: STRETCHED, logN: false },
  { position: "rerope", index: PLAIN, logN: false },
  { position: "rerope", index: RANDOM, logN: false },
  { position: "rerope", index: STRETCHED, logN: true },
] as const;

const tasks = (["even-pairs", "missing-duplicate", "reverse", "bucket-sort"] as const).flatMap((part) =>
  ["sinusoidal", "rope"].flatMap((position) =>
    [PLAIN, RANDOM].map((index) => ({ ...formal, part, position, index })),
  ),
);

const stacks = Object.keys(trainedStacks).map((position) => ({
  ...text,
  position,
  logN: position !== "baseline",
}));

export const positionRobustness: Experiment<RobustConfig, RobustMetrics> = {
  name: "position-robustness",
  question: "What lets a model trained on short sequences read long ones?",
  paper:
    "Su 2023, kexue.fm/archives/9431, 9444, 9577, 9603 and 9731; Ruoss et al. 2023, Randomized Positional Encodings, arXiv:2305.16843",
  grid: {
    smoke: {
      configs: [
        { ...beforeLast, position: "sinusoidal", index: PLAIN, logN: false, longest: 31, steps: 200 },
        { ...beforeLast, position: "sinusoidal", index: RANDOM, logN: false, longest: 31, steps: 200 },
        { ...beforeLast, position: "window", index: PLAIN, logN: false, longest: 31, steps: 200 },
      ],
      seeds: [0],
      budgetSeconds: 4,
    },
    full: {
      configs: [...covering.map((choice) => ({ ...beforeLast, ...choice })), ...tasks, ...stacks],
      seeds: [0, 1, 2],
      budgetSeconds: 800,
    },
  },
  choices: { part: [...Object.keys(sequenceTasks), "text"], index: Object.keys(indices) },
  check(config, inputs) {
    expectLonger(config);
    if (config.part !== "text") return expectRobust(config);
    for (const name of testsOf(config.position)) {
      for (const layer of layerConfigs(name, { ...config, vocabulary: 2 })) expectPlaces(layer);
    }
    expectText(config, inputs);
  },
  trial: (config, rng, inputs) =>
    config.part === "text" ? textTrial(config, rng, inputs) : robust(config, rng),
  claims: robustClaims,
  figures: robustFigures,
};

function textTrial(config: RobustConfig, rng: Rng, inputs: Inputs) {
  return stackText({ ...config, stack: config.position }, readText(config, inputs), rng);
}
