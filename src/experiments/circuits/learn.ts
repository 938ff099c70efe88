// The recipe that all experiments on circuits share: AdamW on every parameter, warm-up, clipped gradients, fresh data in each step, and a
// look at the model every 25 steps, since what matters happens on the way.
import type { Batch } from "../../data/batches";
import type { Trainable } from "../../models/model";
import { namedParameters } from "../../nn/module";
import { adamw } from "../../train/optimizer";
import { linear, type Schedule } from "../../train/schedule";
import { train } from "../../train/trainer";
import type { TrialFile, Yielded } from "../experiment";

export interface CircuitRecipe<Look> {
  readonly batches: (step: number) => Batch;
  readonly steps: number;
  readonly learningRate: number;
  /** The rate after warm-up: the same to the end (default), or a straight line down to a tenth. */
  readonly decay?: "none" | "to-a-tenth";
  /** What is kept of the model after `step` steps: before the first, after every 25th, and after the last. */
  readonly look: (step: number) => Look;
  /** The file that is kept of the model at these steps, if any. */
  readonly keep?: (step: number) => TrialFile;
  /** Steps between looks; the default is 25. */
  readonly every?: number;
}

const WARMUP = 50;
export const SNAPSHOT_STEPS = 25;

/** Trains in place, yields the share done, and returns what was looked at, in the order of steps. */
export function* learnCircuit<Look>(
  model: Trainable,
  recipe: CircuitRecipe<Look>,
): Generator<Yielded, Look[]> {
  const { batches, steps, look, keep, every = SNAPSHOT_STEPS } = recipe;
  const optimizer = adamw(namedParameters(model), {
    ...{ beta1: 0.9, beta2: 0.98, epsilon: 1e-8, weightDecay: 0.01, decays: "all", tableRate: 1 },
  });
  const looks = [look(0)];
  if (keep) yield keep(0);
  const run = train(model, { batches, steps, learningRate: rateOf(recipe), clip: 1, optimizer });
  for (const { step } of run) {
    if (step % every === 0 || step === steps) {
      looks.push(look(step));
      if (keep) yield keep(step);
    }
    yield step / steps;
  }
  optimizer.release();
  return looks;
}

/** The rate rises over the first 50 steps in equal parts. */
function rateOf({ learningRate, steps, decay = "none" }: CircuitRecipe<unknown>): Schedule {
  const warmup = Math.min(WARMUP, steps);
  return linear({
    learningRate,
    minimum: decay === "none" ? learningRate : learningRate / 10,
    warmup,
    steps,
  });
}
