// The training loop: a synchronous generator, one optimiser step per turn. Who drives it decides when to yield to the event loop.
import type { Batch } from "../data/batches";
import type { Trainable } from "../models/model";
import { namedParameters } from "../nn/module";
import { kernels } from "../runtime/instance";
import type { Rng } from "../tensor/rng";
import { NonFiniteError, valueAndGradients } from "../tensor/tape";
import { ids, scope, type Tensor } from "../tensor/tensor";
import { adamw, type Optimizer } from "./optimizer";

export interface TrainOptions {
  /** The batch of a step, the same for the same step: then a resumed run equals an uninterrupted one. */
  readonly batches: (step: number) => Batch;
  /** Steps in all. */
  readonly steps: number;
  /** Constant, or a function of the step, counted from 0. */
  readonly learningRate: number | ((step: number) => number);
  /** The default is a fresh `adamw`, released at the end. A given one continues from its own step count and stays yours. */
  readonly optimizer?: Optimizer;
  /** Largest global norm of the gradients; longer ones are scaled down to it. */
  readonly clip?: number;
  /** Randomness of dropout. Without it nothing is dropped. */
  readonly rng?: Rng;
}

export interface StepMetrics {
  /** Steps done, this one included. */
  readonly step: number;
  /** Mean loss of the batch in nats, before the update. */
  readonly loss: number;
  readonly learningRate: number;
  /** Global norm of the gradients, before clipping. */
  readonly gradientNorm: number;
  readonly tokens: number;
}

/** The loss or a gradient became NaN or infinite. The model still holds the parameters from before this step. */
export class DivergedError extends Error {
  readonly step: number;

  constructor(step: number, where: string) {
    super(
      `train: step ${step} gave NaN or infinity, first in ${where}; lower the learning rate or clip the gradients`,
    );
    this.name = "DivergedError";
    this.step = step;
  }
}

/**
 * Trains `model` in place.
 *
 *     for (const { step, loss } of train(model, { batches, steps: 100, learningRate: 1e-3 })) console.log(step, loss);
 *
 * @throws DivergedError when the loss or a gradient is no longer a number, before any parameter changes
 */
export function* train(model: Trainable, options: TrainOptions): Generator<StepMetrics, void> {
  const { batches, steps, learningRate, clip = Number.POSITIVE_INFINITY, rng } = options;
  if (!(Number.isInteger(steps) && steps >= 0))
    throw new Error(`train: steps must be a whole number of at least 0, got ${steps}`);
  if (!(clip > 0)) throw new Error(`train: clip must be above 0, got ${clip}`);
  const rate = typeof learningRate === "number" ? () => learningRate : learningRate;
  const parameters = namedParameters(model);
  const optimizer = options.optimizer ?? adamw(parameters);
  try {
    while (optimizer.steps < steps) {
      const done = optimizer.steps;
      const stepRate = rate(done);
      if (!(stepRate >= 0 && stepRate < Number.POSITIVE_INFINITY))
        throw new Error(
          `train: learningRate must be a number of at least 0, got ${stepRate} for step ${done}`,
        );
      const metrics = scope(() => {
        const batch = batches(done);
        const { value, gradients } = differentiate(
          model,
          batch,
          [...parameters.values()],
          done,
          rng?.fork(done),
        );
        const gradientNorm = globalNorm(gradients);
        if (!Number.isFinite(gradientNorm))
          throw new DivergedError(done + 1, firstBad(parameters, gradients));
        const gradientScale = gradientNorm > clip ? clip / gradientNorm : 1;
        optimizer.step(gradients, { learningRate: stepRate, gradientScale });
        return {
          step: done + 1,
          loss: value,
          learningRate: stepRate,
          gradientNorm,
          tokens: batch.inputs.length,
        };
      });
      yield metrics;
    }
  } finally {
    if (!options.optimizer) optimizer.release();
  }
}

function differentiate(
  model: Trainable,
  batch: Batch,
  parameters: readonly Tensor[],
  done: number,
  rng?: Rng,
) {
  const shape = [batch.batch, batch.context];
  try {
    return valueAndGradients(
      () => model.loss(ids(batch.inputs, shape), ids(batch.targets, shape), rng ? { rng } : {}),
      parameters,
    );
  } catch (error) {
    if (error instanceof NonFiniteError) throw new DivergedError(done + 1, error.op ?? "the inputs");
    throw error;
  }
}

/** sqrt of the sum of all squares, parameter by parameter in order. */
function globalNorm(gradients: readonly Tensor[]): number {
  return Math.sqrt(gradients.reduce((sum, { ptr, size }) => sum + kernels().ssum_squares(ptr, size), 0));
}

function firstBad(parameters: ReadonlyMap<string, Tensor>, gradients: readonly Tensor[]): string {
  const index = gradients.findIndex(({ ptr, size }) => kernels().sfirst_nonfinite(ptr, size) >= 0);
  return `the gradient of ${[...parameters.keys()][index] ?? "the parameters, whose norm overflows"}`;
}
