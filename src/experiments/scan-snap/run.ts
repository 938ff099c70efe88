// One run of the one-layer model, watched step by step: what `scan-snap` measures.
import { exp } from "../../math/exp";
import type { Rng } from "../../tensor/rng";
import type { Trial } from "../experiment";
import type { Classes, TokenClass } from "./classes";
import type { Learner } from "./learner";
import { classAttention, classMean, commonMass, distinctEntropy, relativeGain } from "./metrics";
import { learnerOf, type OneLayerConfig } from "./settings";

export type ScanSnapMetrics = {
  /** Nats, before each update. */
  readonly loss: readonly number[];
  /** Nats over a class's own tokens, mean over classes: before each update, and at the end. */
  readonly entropy: readonly number[];
  readonly finalEntropy: number;
  /** Share of attention that common tokens get, mean over classes. */
  readonly commonMassBySteps: readonly number[];
  readonly commonMass: number;
  /** z of the first class's most frequent own token, before each update and at the end. */
  readonly topLogit: readonly number[];
  /** c_n over its support (common tokens first), class by class. */
  readonly finalAttention: readonly (readonly number[])[];
  /** z over the support. */
  readonly finalLogits: readonly (readonly number[])[];
  /** Of the first class's own tokens, by rising frequency: which is attended most. */
  readonly topDistinct: number;
  /** Largest |r / (r(0) chi) - 1| over the first class's own tokens (theorem 3). */
  readonly gainError: number;
  /** Largest |sum_j Y_lj| and |sum_l Z_ml|. */
  readonly rowSumY: number;
  readonly rowSumZ: number;
  /** c_n of the first two classes at some steps, to five digits. */
  readonly snapshots: readonly Snapshot[];
};

export type Snapshot = { readonly step: number; readonly attention: readonly (readonly number[])[] };

export type ScanSnapTrial = Trial<OneLayerConfig, ScanSnapMetrics>;

/** The steps of figures 4 and 5 ("Final" there is 48), and later ones. */
const SNAPSHOTS = new Set([0, 2, 4, 6, 8, 10, 20, 48]);
const YIELDS = 50;

export function* scanSnapTrial(config: OneLayerConfig, rng: Rng): Generator<number, ScanSnapMetrics, void> {
  const { data, learner } = learnerOf(config, rng);
  const first = data.classes[0]!; // makeClasses gives at least one
  const loss: number[] = [];
  const entropy: number[] = [];
  const commonMassBySteps: number[] = [];
  const topLogit: number[] = [];
  const snapshots: Snapshot[] = [];
  const look = (step: number) => {
    const attention = attentions(data, learner);
    entropy.push(classMean(data, (_, n) => distinctEntropy(attention[n]!, data)));
    commonMassBySteps.push(classMean(data, (_, n) => commonMass(attention[n]!, data)));
    topLogit.push(learner.attentionLogits(first.query)[first.support.at(-1)!]!);
    if (SNAPSHOTS.has(step) || step === config.steps)
      snapshots.push({ step, attention: attention.slice(0, 2).map((c) => Array.from(c, rounded)) });
    return attention;
  };
  try {
    for (let step = 0; step < config.steps; step++) {
      look(step);
      loss.push(learner.step());
      if (step % YIELDS === 0) yield step / config.steps;
    }
    const attention = look(config.steps);
    const { Y, Z } = learner.weights();
    return {
      loss,
      entropy,
      finalEntropy: entropy.at(-1)!,
      commonMassBySteps,
      commonMass: commonMassBySteps.at(-1)!,
      topLogit,
      finalAttention: attention.map((c) => Array.from(c)),
      finalLogits: data.classes.map((one) => supportLogits(one, learner)),
      topDistinct: indexOfLargest(attention[0]!.subarray(data.common)),
      gainError: gainError(data, attention[0]!, supportLogits(first, learner)),
      rowSumY: largestRowSum(Y, data.tokens),
      rowSumZ: largestRowSum(Z, data.tokens),
      snapshots,
    };
  } finally {
    learner.release();
  }
}

function attentions(data: Classes, learner: Learner): Float64Array[] {
  return data.classes.map((one) => classAttention(one, learner.attentionLogits(one.query)));
}

function supportLogits({ support, query }: TokenClass, learner: Learner): number[] {
  const z = learner.attentionLogits(query);
  return Array.from(support, (l) => z[l]!);
}

/** How far the relative gains of the most frequent own token over the others are from r(0) e^(2 z). */
function gainError({ classes, common }: Classes, attention: Float64Array, z: readonly number[]): number {
  const { probabilities } = classes[0]!;
  const top = probabilities.length - 1;
  const chi = exp(2 * z[top]!);
  let worst = 0;
  for (let i = common; i < top; i++) {
    const expected = relativeGain(probabilities, top, i) * chi;
    worst = Math.max(worst, Math.abs(relativeGain(attention, top, i) / expected - 1));
  }
  return worst;
}

function indexOfLargest(values: Float64Array): number {
  return values.reduce((best, value, i) => (value > values[best]! ? i : best), 0);
}

function largestRowSum(matrix: Float64Array, M: number): number {
  let largest = 0;
  for (let row = 0; row < M; row++) {
    const sum = matrix.subarray(row * M, (row + 1) * M).reduce((total, value) => total + value, 0);
    largest = Math.max(largest, Math.abs(sum));
  }
  return largest;
}

function rounded(value: number): number {
  return Math.round(value * 1e5) / 1e5;
}
