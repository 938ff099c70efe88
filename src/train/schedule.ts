// The learning rate as a function of the step (from 0).
import { cos } from "../math/trig";

export type Schedule = (step: number) => number;

export interface DecayOptions {
  readonly learningRate: number;
  /** Default 0. */
  readonly minimum?: number;
  /** Steps of linear warm-up, default 0. */
  readonly warmup?: number;
  /** The step at which the minimum is reached. */
  readonly steps: number;
}

/**
 * nanoGPT's rule: learningRate (step + 1) / (warmup + 1) during warm-up, then half a cosine from learningRate at `warmup` down to
 * minimum at `steps`, minimum after that.
 * @throws RangeError unless 0 <= minimum <= learningRate, and warmup <= steps are whole numbers of at least 0
 */
export function warmupCosine(options: DecayOptions): Schedule {
  return decaying(options, (done, high, low) => low + 0.5 * (1 + cos(Math.PI * done)) * (high - low));
}

/** A straight line from learningRate at `warmup` to minimum at `steps`, after the same warm-up; options and errors as warmupCosine. */
export function linear(options: DecayOptions): Schedule {
  return decaying(options, (done, high, low) => high - (high - low) * done);
}

/** The same rate at every step. Throws a RangeError unless it is finite and at least 0. */
export function constant(learningRate: number): Schedule {
  expectRates(learningRate, 0);
  return () => learningRate;
}

/** Warm-up, then `curve` over the done share [0, 1) of the other steps, then the minimum. */
function decaying(
  { learningRate, minimum = 0, warmup = 0, steps }: DecayOptions,
  curve: (done: number, high: number, low: number) => number,
): Schedule {
  expectRates(learningRate, minimum);
  expectSteps(warmup, steps);
  return (step) => {
    if (step < warmup) return (learningRate * (step + 1)) / (warmup + 1);
    if (step >= steps) return minimum;
    return curve((step - warmup) / (steps - warmup), learningRate, minimum);
  };
}

function expectRates(learningRate: number, minimum: number): void {
  if (!(minimum >= 0 && minimum <= learningRate && learningRate < Infinity)) {
    throw new RangeError(
      `schedule: 0 <= minimum <= learningRate must hold, got minimum ${minimum} and learningRate ${learningRate}`,
    );
  }
}

function expectSteps(warmup: number, steps: number): void {
  if (!(Number.isInteger(warmup) && Number.isInteger(steps) && warmup >= 0 && warmup <= steps)) {
    throw new RangeError(
      `schedule: whole numbers 0 <= warmup <= steps must hold, got warmup ${warmup} and steps ${steps}`,
    );
  }
}
