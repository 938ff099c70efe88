// A trial of phase-change-pca: a model learns random repeats, and every 25 steps it becomes a point, its log-likelihoods of the same
// tokens.
import { lossByIndex, tokenLikelihoods } from "../../analysis/in-context";
import { type Rng, rng } from "../../tensor/rng";
import { learnCircuit } from "../circuits/learn";
import { type CircuitModel, checkCircuitModel, circuitModel } from "../circuits/model";
import { predict, repeatsBatches, repeatsSets, repeatsSizes } from "../circuits/repeats";
import type { Trial, Yielded } from "../experiment";
import { rounded } from "../rounded";

export type PhaseChangeConfig = CircuitModel & {
  /** Of the periods. */
  readonly shortest: number;
  readonly longest: number;
  readonly batch: number;
  readonly steps: number;
  readonly learningRate: number;
};

/** A model after so many steps. */
export type Snapshot = {
  readonly step: number;
  /** Nats, of one token of each example: a point. */
  readonly likelihoods: readonly number[];
  /** Mean nats by the index of the token that predicts. */
  readonly byIndex: readonly number[];
};

export type PhaseChangeMetrics = {
  /** Mean loss in nats over the examples after the last step. */
  readonly loss: number;
  readonly snapshots: readonly Snapshot[];
};

export type PhaseChangeTrial = Trial<PhaseChangeConfig, PhaseChangeMetrics>;

/** Examples are the same for all runs, whatever their seed: points of different runs are compared. */
const EXAMPLES_SEED = 2209;

/** Refuses a configuration before any trial starts. */
export function checkPhaseChange(config: PhaseChangeConfig): void {
  const { steps, batch, shortest, longest } = config;
  checkCircuitModel(config, repeatsSizes);
  if (!(Number.isInteger(steps) && steps >= 1))
    throw new Error(`phase-change-pca: steps must be a whole number of at least 1, got ${steps}`);
  repeatsBatches({ batch, periods: [shortest, longest] }, rng(0)); // refuses sizes that cannot be
}

export function* phaseChangeTrial(
  config: PhaseChangeConfig,
  draws: Rng,
): Generator<Yielded, PhaseChangeMetrics, void> {
  const { batch, steps, learningRate, shortest, longest } = config;
  const task = { batch, periods: [shortest, longest] } as const;
  const model = circuitModel(config, repeatsSizes, draws.fork("weights"));
  const fixed = rng(EXAMPLES_SEED);
  const { sequences: examples } = repeatsSets(task, fixed.fork("examples"));
  const tokens = fixed.fork("tokens");
  const indices = Array.from({ length: examples.batch }, () => tokens.integer(examples.context));
  const snapshots = yield* learnCircuit<Snapshot>(model, {
    batches: repeatsBatches(task, draws.fork("training")),
    look: (step) => {
      const { losses } = predict(model, examples);
      return {
        step,
        likelihoods: Array.from(tokenLikelihoods(losses, examples.context, indices), rounded),
        byIndex: Array.from(lossByIndex(losses, examples.context), rounded),
      };
    },
    ...{ steps, learningRate },
  });
  const { byIndex } = snapshots.at(-1)!; // there is one before the first step
  return { loss: byIndex.reduce((sum, value) => sum + value, 0) / byIndex.length, snapshots };
}
