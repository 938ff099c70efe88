// Does log n on the logits keep attention as sharp at other lengths (Su 2021, kexue.fm/archives/8823; Su 2022, kexue.fm/archives/9019)?
//
// Three parts. `rows`: entropies and weights of single rows against closed forms: where the scale holds the entropy still, and where it
// cannot. `retrieval`: one query looks for a flagged token, is trained at one length and tested at up to 32 times as many. `masked`: an
// encoder of masked characters, trained at 64 and tested up to 1024, beside the article's table.
//
// We would change our mind if log n lost as much of its weight on the flagged token as plain softmax does, or if entropies left the closed
// form. The article's claim of a constant entropy is tested as what it is: true for sharp logits only.

import { gptConfig } from "../models/config";
import { tagger } from "../models/tagger";
import type { Rng } from "../tensor/rng";
import type { Experiment, Inputs, Json } from "./experiment";
import { entryOf, expectLonger, expectPlaces } from "./length/check";
import { entropyClaims } from "./length/entropy-claims";
import { entropyFigures } from "./length/entropy-figures";
import { fit } from "./length/fit";
import type { LengthConfig } from "./length/length-config";
import { atEach, ladder } from "./length/lengths";
import { expectText, maskedSizes, maskedWindows, readText, testMasked } from "./length/masked";
import { readingOf, readings, retrieval } from "./length/retrieval";
import { gaussianRows, needleRows, sphereRows } from "./length/rows";

const parts = {
  rows: rowsTrial,
  retrieval: (config: EntropyConfig, rng: Rng) => retrieval(config, rng),
  masked: maskedTrial,
} as const;

export type EntropyConfig = LengthConfig;

/** By part; those of the trained parts end in the tested length: `accuracy at 1024`, `loss at 1024` (nats), `mass at 1024`. */
export type EntropyMetrics = { readonly [name: string]: Json };

const untrained = { steps: 0, batch: 0, learningRate: 0 };
const noText = { text: "", textDigest: "", characters: 0 };
const rows = { ...untrained, ...noText, part: "rows", variant: "E", trained: 512 };
const searched = { ...noText, part: "retrieval", trained: 64, batch: 32, learningRate: 5e-3 };
const masked = { text: "", textDigest: "", part: "masked", trained: 64, batch: 16, learningRate: 4e-3 };
const ENCODER = { width: 32, heads: 2, layers: 2, position: "rope", norm: "rmsnorm" } as const;

export const entropyScale: Experiment<EntropyConfig, EntropyMetrics> = {
  name: "entropy-scale",
  question: "Does log n on the logits keep attention as sharp at other lengths?",
  paper:
    "Su 2021, kexue.fm/archives/8823, on entropy-invariant scaling; Su 2022, kexue.fm/archives/9019, on softmax-plus",
  grid: {
    smoke: {
      configs: [
        { ...rows, longest: 512, sequences: 25 },
        { ...searched, variant: "O", longest: 1024, sequences: 40, steps: 350 },
        { ...searched, variant: "E", longest: 1024, sequences: 40, steps: 350 },
      ],
      seeds: [0],
      budgetSeconds: 4,
    },
    full: {
      configs: [
        { ...rows, longest: 16384, sequences: 100 },
        ...Object.keys(readings).map((variant) => ({
          ...{ ...searched, variant, longest: 2048, sequences: 400, steps: 350 },
        })),
        ...["O", "E"].map((variant) => ({
          ...{ ...masked, variant, longest: 1024, sequences: 0, steps: 1200, characters: 100_000 },
        })),
      ],
      seeds: [0, 1, 2],
      budgetSeconds: 150,
    },
  },
  choices: { part: Object.keys(parts), variant: Object.keys(readings) },
  check(config, inputs) {
    partOf(config);
    readingOf(config.variant);
    expectLonger(config);
    if (config.part === "masked") {
      expectPlaces(gptConfig(encoderConfig(config, 2)));
      expectText(config, inputs);
    }
    if (config.part === "retrieval" && config.trained % 4 !== 0)
      throw new Error(`entropy-scale: trained must be a multiple of 4, got ${config.trained}`);
  },
  trial: (config, rng, inputs) => partOf(config)(config, rng, inputs),
  claims: entropyClaims,
  figures: entropyFigures,
};

function rowsTrial({ sequences, trained, longest }: EntropyConfig, rng: Rng): EntropyMetrics {
  return {
    gaussian: gaussianRows({ rows: sequences, trained, longest, rng }),
    sphere: sphereRows(),
    needles: needleRows(),
  };
}

function* maskedTrial(config: EntropyConfig, rng: Rng, inputs: Inputs) {
  const { trained, longest, batch, steps, learningRate } = config;
  const data = readText(config, inputs);
  const sizes = maskedSizes(data);
  const model = tagger({ ...encoderConfig(config, sizes.vocabulary), ...sizes }, rng.fork("weights"));
  const batches = maskedWindows(data, { batch, context: trained, rng: rng.fork("training") });
  const curve = yield* fit(model, { batches, steps, learningRate, rng: rng.fork("places") });
  const lengths = ladder(trained, longest);
  const last = lengths.at(-1) ?? trained; // longest is at least trained
  const found = atEach(lengths, (n) => testMasked(model, data, { n, longest: last, rng: rng.fork("test") }));
  return { curve, ...found };
}

function encoderConfig(config: EntropyConfig, vocabulary: number) {
  const { variant, trained, longest } = config;
  return { ...ENCODER, ...readingOf(variant), vocabulary, trained, context: longest };
}

type Trained = Generator<number, EntropyMetrics, void>;

function partOf({
  part,
}: EntropyConfig): (config: EntropyConfig, rng: Rng, inputs: Inputs) => EntropyMetrics | Trained {
  return entryOf("entropy-scale: part", parts, part);
}
