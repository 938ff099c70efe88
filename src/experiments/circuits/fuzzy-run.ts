// A trial of fuzzy-induction: a model learns repeats in which a symbol may stand for its partner, and its heads are asked whether they find
// partners, too.
import { prefixMatching } from "../../analysis/head-scores";
import { attentionPatterns } from "../../analysis/probe";
import { fuzzyRepeats, meaningOf } from "../../data/fuzzy-repeats";
import { BOS, type RepeatedBatch } from "../../data/repeated-sequences";
import type { AttentionOnly } from "../../models/attention-only";
import type { Rng } from "../../tensor/rng";
import { floats } from "../../tensor/tensor";
import type { Trial, Yielded } from "../experiment";
import { rounded } from "../rounded";
import { mean } from "../select";
import { type HeadView, headViews } from "./head-view";
import { learnCircuit } from "./learn";
import { type CircuitModel, circuitModel } from "./model";
import { isSecondCopy, predict } from "./repeats";

export type FuzzyConfig = CircuitModel & {
  /** How likely a symbol is told again as its partner while training. */
  readonly swapped: number;
  /** Cosine of the first embeddings of partners: 0 are unrelated. */
  readonly kinship: number;
  readonly batch: number;
  readonly steps: number;
  readonly learningRate: number;
};

export type FuzzyLook = {
  readonly step: number;
  /** Nats from the second block on, where copies are literal and where half of them are partners. */
  readonly literal: number;
  readonly fuzzy: number;
  /** Best prefix matching of a head, on literal repeats and on repeats of which every symbol is the partner. */
  readonly literalPrefix: number;
  readonly partnerPrefix: number;
};

export type FuzzyMetrics = Omit<FuzzyLook, "step"> & {
  readonly looks: readonly FuzzyLook[];
  /** A block, and the block of its partners. */
  readonly shown: readonly number[];
  readonly heads: readonly HeadView[];
};

export type FuzzyTrial = Trial<FuzzyConfig, FuzzyMetrics>;

const MEANINGS = 16;
const TOKENS = 49;
export const fuzzySizes = { vocabulary: 2 * MEANINGS + 1, context: TOKENS } as const;
const PERIODS = [6, 16] as const;
const SEQUENCES = 96;
const SAMPLES = 10;
const SAMPLE_PERIOD = 12;

export function* fuzzyTrial(config: FuzzyConfig, rng: Rng): Generator<Yielded, FuzzyMetrics, void> {
  const { batch, steps, learningRate, swapped, kinship } = config;
  const model = circuitModel(config, fuzzySizes, rng.fork("weights"));
  relate(model, kinship);
  const draw = (count: number, share: number, purpose: string) =>
    fuzzyRepeats({
      ...{ batch: count, context: TOKENS - 1, meanings: MEANINGS, periods: PERIODS, swapped: share },
      rng: rng.fork(purpose),
    });
  const sets = {
    literal: draw(SEQUENCES, 0, "literal")(0),
    fuzzy: draw(SEQUENCES, 0.5, "fuzzy")(0),
    samples: Array.from({ length: SAMPLES }, (_, at) => twoBlocks(rng.fork("sample", at))),
  };
  const looks = yield* learnCircuit(model, {
    batches: draw(batch, swapped, "training"),
    look: (step): FuzzyLook => ({ step, ...fuzzyLook(model, sets) }),
    ...{ steps, learningRate },
  });
  const shown = sets.samples[0]!.partners; // there are samples
  return {
    ...fuzzyLook(model, sets),
    looks,
    shown: Array.from(shown),
    heads: headViews(model, shown, [...shown.subarray(1), shown[1]!]),
  };
}

/** Every second symbol's embedding becomes a mixture with its partner's, of this cosine on average and as long as before. */
function relate({ token }: AttentionOnly, kinship: number): void {
  const rows = floats(token.weight);
  const width = rows.length / fuzzySizes.vocabulary;
  const own = Math.sqrt(1 - kinship * kinship);
  for (let meaning = 1; meaning <= MEANINGS; meaning++) {
    const [first, second] = [2 * meaning - 1, 2 * meaning].map((id) =>
      rows.subarray(id * width, (id + 1) * width),
    );
    second!.set(second!.map((value, c) => own * value + kinship * first![c]!)); // two
  }
}

interface Sample {
  readonly literal: Int32Array;
  readonly partners: Int32Array;
}

/** BOS and a block twice: as it was, and every symbol as its partner. */
function twoBlocks(rng: Rng): Sample {
  const period = [SAMPLE_PERIOD, SAMPLE_PERIOD] as const;
  const told = (swapped: number) => {
    const options = { batch: 1, context: 2 * SAMPLE_PERIOD, meanings: MEANINGS, periods: period, swapped };
    const { inputs, targets } = fuzzyRepeats({ ...options, rng })(0);
    return Int32Array.of(BOS, ...inputs.subarray(1), targets.at(-1)!);
  };
  return { literal: told(0), partners: told(1) };
}

interface FuzzySets {
  readonly literal: RepeatedBatch;
  readonly fuzzy: RepeatedBatch;
  readonly samples: readonly Sample[];
}

function fuzzyLook(model: AttentionOnly, { literal, fuzzy, samples }: FuzzySets) {
  const seconds = (batch: RepeatedBatch) => {
    const losses = Array.from(predict(model, batch).losses);
    return rounded(mean(losses.filter((_, at) => isSecondCopy(batch, at))));
  };
  return {
    literal: seconds(literal),
    fuzzy: seconds(fuzzy),
    literalPrefix: bestPrefix(
      model,
      samples.map((sample) => sample.literal),
    ),
    partnerPrefix: bestPrefix(
      model,
      samples.map((sample) => sample.partners),
    ),
  };
}

/** Prefixes match where meanings do. */
function bestPrefix(model: AttentionOnly, sequences: readonly Int32Array[]): number {
  const scores = sequences.map((tokens) =>
    attentionPatterns(model, tokens).map(({ weights }) => prefixMatching(weights, tokens.map(meaningOf))),
  );
  return rounded(Math.max(...scores[0]!.map((_, head) => mean(scores.map((heads) => heads[head]!)))));
}
