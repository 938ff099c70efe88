// The learning rate as a function of the step (from 0).
import { cos } from "../math/trig";

export type Schedule = (step: number) => number;

/**
 * nanoGPT's rule: learningRate (step + 1) / (warmup + 1) during warm-up, then half a cosine from learningRate at `warmup` down to
 * minimum at `steps`, minimum after that.
 * @throws RangeError unless 0 <= minimum <= learningRate, and warmup <= steps are whole numbers of at least 0
 */
export function warmupCosine(options: {
  readonly learningRate: number;
  /** Default 0. */
  readonly minimum?: number;
  /** Steps of linear warm-up, default 0. */
  readonly warmup?: number;
  /** The step at which the minimum is reached. */
  readonly steps: number;
}): Schedule {
  const { learningRate, minimum = 0, warmup = 0, steps } = options;
  expectRates(learningRate, minimum);
  expectSteps(warmup, steps);
  return (step) => {
    if (step < warmup) return (learningRate * (step + 1)) / (warmup + 1);
    if (step >= steps) return minimum;
    const done = (step - warmup) / (steps - warmup);
    return minimum + 0.5 * (1 + cos(Math.PI * done)) * (learningRate - minimum);
  };
}

/** A straight line from learningRate at `warmup` to minimum at `steps`, after the same warm-up; options and errors as warmupCosine. */
export function linear(options: {
  readonly learningRate: number;
  readonly minimum?: number;
  readonly warmup?: number;
  readonly steps: number;
}): Schedule {
  const { learningRate, minimum = 0, warmup = 0, steps } = options;
  expectRates(learningRate, minimum);
  expectSteps(warmup, steps);
  return (step) => {
    if (step < warmup) return (learningRate * (step + 1)) / (warmup + 1);
    if (step >= steps) return minimum;
    return learningRate - (learningRate - minimum) * ((step - warmup) / (steps - warmup));
  };
}

/** The same rate at every step. Throws a RangeError unless it is finite and at least 0. */
export function constant(learningRate: number): Schedule {
  expectRates(learningRate, 0);
  return () => learningRate;
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
