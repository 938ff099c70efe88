// The retrieval task of the experiments on length: train on sequences of one length, find the flagged token in others.
import type { NormalizerName } from "../../attention/normalizer";
import type { ScaleName } from "../../attention/scale";
import { tokenLosses } from "../../ops/crossentropy";
import type { Rng } from "../../tensor/rng";
import { floats, ids, integers, scope } from "../../tensor/tensor";
import { likeliest } from "../synthesizer/learn";
import { entryOf } from "./check";
import { fit } from "./fit";
import { flagged, flaggedSizes, SYMBOLS } from "./flagged";
import { atEach, ladder } from "./lengths";
import { lastOfEach, Reader } from "./reader";

/** What stands between scores and weights, by the names of figures. */
export const readings = {
  O: { scale: "inverse-sqrt", normalizer: "softmax" },
  E: { scale: "log-n", normalizer: "softmax" },
  "softmax-plus": { scale: "inverse-sqrt", normalizer: "softmax-plus" },
  relu2: { scale: "inverse-sqrt", normalizer: "relu2" },
  "relu2-fixed": { scale: "inverse-sqrt", normalizer: "relu2-fixed" },
  "relu2-normalized": { scale: "inverse-sqrt", normalizer: "relu2-normalized" },
} as const satisfies Record<string, { scale: ScaleName; normalizer: NormalizerName }>;

/** @throws Error for a name that there is not */
export function readingOf(name: string): { scale: ScaleName; normalizer: NormalizerName } {
  return entryOf("length: variant", readings, name);
}

export interface Retrieval {
  /** A name in `readings`. */
  readonly variant: string;
  /** Tokens of a training sequence. */
  readonly trained: number;
  /** Of the longest tested ones; the shortest have a quarter of the trained. */
  readonly longest: number;
  readonly steps: number;
  readonly batch: number;
  readonly learningRate: number;
  /** Tested sequences of each length. */
  readonly sequences: number;
}

const WIDTH = 32;
const WEIGHT_DECAY = 0.1;
const TEST_BATCH = 20;

function testLengths({ trained, longest }: Pick<Retrieval, "trained" | "longest">): number[] {
  return ladder(trained / 4, longest);
}

/**
 * Metrics by length: accuracy, loss in nats, and the mean share of a row's weight that the flagged token gets; with the curve of training.
 */
export function* retrieval(settings: Retrieval, rng: Rng) {
  const { variant, trained, batch, steps, learningRate, sequences } = settings;
  const model = new Reader(
    { ...flaggedSizes, ...readingOf(variant), width: WIDTH, trained },
    rng.fork("weights"),
  );
  const batches = flagged({ batch, n: trained, rng: rng.fork("training") });
  const curve = yield* fit(model, {
    ...{ batches, steps, learningRate, weightDecay: WEIGHT_DECAY, rng },
  });
  const found = atEach(testLengths(settings), (n) => test(model, n, sequences, rng.fork("test", n)));
  return { curve, ...found };
}

function test(model: Reader, n: number, sequences: number, rng: Rng) {
  const batches = flagged({ batch: TEST_BATCH, n, rng });
  const count = Math.ceil(sequences / TEST_BATCH);
  let [right, loss, mass] = [0, 0, 0];
  for (let step = 0; step < count; step++) {
    const { inputs, targets } = batches(step);
    scope(() => {
      const shape = [TEST_BATCH, n];
      const wanted = lastOfEach(ids(targets, shape));
      const weights: { shares: Float32Array } = { shares: new Float32Array() };
      const logits = model.logits(ids(inputs, shape), {
        taps: {
          weights: (w) => {
            weights.shares = w.values();
          },
        },
      });
      const labels = likeliest(logits);
      integers(wanted).forEach((target, row) => {
        if (labels[row] === target) right += 1;
      });
      loss += floats(tokenLosses(logits, wanted).losses).reduce((sum, value) => sum + value, 0);
      mass += flaggedMass(weights.shares, inputs, n);
    });
  }
  const tested = count * TEST_BATCH;
  return { accuracy: right / tested, loss: loss / tested, mass: mass / tested };
}

/** Sum over rows of the flagged token's share of what the row gives out; 0 of a row that gives nothing. */
function flaggedMass(weights: Float32Array, inputs: Int32Array, n: number): number {
  let sum = 0;
  for (let start = 0; start < weights.length; start += n) {
    const row = weights.subarray(start, start + n);
    const total = row.reduce((all, weight) => all + weight, 0);
    const at = inputs.subarray(start, start + n).findIndex((id) => id >= SYMBOLS);
    if (total > 0) sum += row[at]! / total;
  }
  return sum;
}
