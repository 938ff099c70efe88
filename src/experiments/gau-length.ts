// What do gated attention units lose at lengths that they were not trained at (Su 2022, kexue.fm/archives/9019; Hua et al. 2022,
// arXiv:2202.10447)?
//
// Three parts. `retrieval`: a flagged token among n, trained at one length, tested at others, through the normalisers of the article.
// `fine-tune`: an encoder of gated units trained at one length goes on at shorter ones. `laws`: constants at the beginning, and how
// outputs grow with weights and with tokens that say nothing, against closed forms.
//
// We would change our mind if dividing by the number of tokens cost nothing at other lengths, or if softmax-plus lost as much.

import { gauConfig } from "../models/gau-config";
import type { Rng } from "../tensor/rng";
import type { Experiment, Inputs, Json } from "./experiment";
import { entryOf, expectLonger, expectPlaces } from "./length/check";
import { armOf, arms, fineTune, tunedModel } from "./length/fine-tune";
import { gauClaims } from "./length/gau-claims";
import { gauFigures } from "./length/gau-figures";
import { gauLaws } from "./length/gau-laws";
import type { LengthConfig } from "./length/length-config";
import { expectText, readText } from "./length/masked";
import { readingOf, readings, retrieval } from "./length/retrieval";

export type GauLengthConfig = LengthConfig;

/** By part: `accuracy at 1024` and the like, `before at 8`, `after at 8`, or the fields of GauLaws. */
export type GauLengthMetrics = { readonly [name: string]: Json };

const noText = { text: "", textDigest: "", characters: 0 };
const searched = {
  ...noText,
  part: "retrieval",
  trained: 64,
  longest: 1024,
  batch: 32,
  steps: 350,
  learningRate: 5e-3,
};
const laws = { ...searched, part: "laws", variant: "relu2", steps: 0, batch: 0, sequences: 0 };
const tuned = {
  ...{ text: "", textDigest: "", characters: 100_000 },
  ...{
    part: "fine-tune",
    trained: 64,
    longest: 64,
    sequences: 0,
    steps: 700,
    batch: 16,
    learningRate: 8e-3,
  },
};

interface Part {
  check?(config: GauLengthConfig, inputs: Inputs): void;
  trial(
    config: GauLengthConfig,
    rng: Rng,
    inputs: Inputs,
  ): GauLengthMetrics | Generator<number, GauLengthMetrics, void>;
}

const parts: Readonly<Record<string, Part>> = {
  laws: { trial: (_, rng) => gauLaws(rng) },
  retrieval: {
    check: ({ variant }) => {
      readingOf(variant);
    },
    trial: (config, rng) => retrieval(config, rng),
  },
  "fine-tune": {
    check(config, inputs) {
      armOf(config.variant);
      const model = gauConfig(tunedModel(config, 2));
      expectPlaces(model, model.keyWidth);
      expectText(config, inputs);
    },
    trial: (config, rng, inputs) => fineTune(config, readText(config, inputs), rng),
  },
};

export const gauLength: Experiment<GauLengthConfig, GauLengthMetrics> = {
  name: "gau-length",
  question: "What do gated attention units lose at lengths that they were not trained at?",
  paper:
    "Su 2022, kexue.fm/archives/9019, 8934, 8990 and 9052; Hua et al. 2022, Transformer Quality in Linear Time, arXiv:2202.10447",
  grid: {
    smoke: {
      configs: [
        laws,
        ...["relu2", "softmax-plus"].map((variant) => ({ ...searched, variant, sequences: 40 })),
      ],
      seeds: [0],
      budgetSeconds: 4,
    },
    full: {
      configs: [
        laws,
        ...Object.keys(readings).map((variant) => ({ ...searched, variant, sequences: 400 })),
        ...Object.keys(arms).map((variant) => ({ ...tuned, variant })),
      ],
      seeds: [0, 1, 2],
      budgetSeconds: 350,
    },
  },
  choices: {
    part: Object.keys(parts),
    variant: [...Object.keys(readings), ...Object.keys(arms).filter((name) => !(name in readings))],
  },
  check(config, inputs) {
    expectLonger(config);
    if (config.trained % 8 !== 0)
      throw new Error(`gau-length: trained must be a multiple of 8, got ${config.trained}`);
    partOf(config).check?.(config, inputs);
  },
  trial: (config, rng, inputs) => partOf(config).trial(config, rng, inputs),
  claims: gauClaims,
  figures: gauFigures,
};

function partOf({ part }: GauLengthConfig): Part {
  return entryOf("gau-length: part", parts, part);
}
