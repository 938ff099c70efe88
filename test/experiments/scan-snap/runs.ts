// Runs of the one-layer model for tests.
import type { Classes } from "../../../src/experiments/scan-snap/classes";
import { type Learner, type LearnerOptions, learner64 } from "../../../src/experiments/scan-snap/learner";
import {
  classAttention,
  classMean,
  commonMass,
  distinctEntropy,
} from "../../../src/experiments/scan-snap/metrics";
import { classesOf, synSmall } from "../../../src/experiments/scan-snap/settings";

export const small = classesOf(synSmall);

export const standard: LearnerOptions = {
  etaY: 1,
  etaZ: 1,
  momentum: 0.9,
  optimizer: "sgd",
  mode: "population",
  batch: 128,
  length: 128,
  zeroInit: true,
  draw: () => {
    throw new Error("population mode draws nothing");
  },
};

export function attentionOf(data: Classes, learner: Learner): Float64Array[] {
  return data.classes.map((one) => classAttention(one, learner.attentionLogits(one.query)));
}

export function entropyOf(data: Classes, learner: Learner): number {
  const attention = attentionOf(data, learner);
  return classMean(data, (_, n) => distinctEntropy(attention[n]!, data));
}

/** Takes `steps` steps; gives the losses, the entropy after each, and the end. */
export function walk(options: Partial<LearnerOptions>, { data = small, steps = 100, make = learner64 } = {}) {
  const learner = make(data, { ...standard, ...options });
  const losses: number[] = [];
  const entropies: number[] = [];
  for (let step = 0; step < steps; step++) {
    losses.push(learner.step());
    entropies.push(entropyOf(data, learner));
  }
  const attention = attentionOf(data, learner);
  const logits = data.classes.map(({ support, query }) => {
    const z = learner.attentionLogits(query);
    return Array.from(support, (l) => z[l]!);
  });
  const weights = learner.weights();
  learner.release();
  const common = attention.map((c) => commonMass(c, data));
  return { losses, entropies, entropy: entropies.at(-1)!, attention, logits, common, ...weights };
}
