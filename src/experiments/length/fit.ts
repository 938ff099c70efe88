// The recipe of the experiments on length: Adam with the second moment of 0.98, a rate that falls in a straight line to zero, and positions
// drawn anew for every step where the index strategy draws them.
import type { Batch } from "../../data/batches";
import type { Trainable } from "../../models/model";
import { namedParameters } from "../../nn/module";
import type { Rng } from "../../tensor/rng";
import { adamw } from "../../train/optimizer";
import { linear } from "../../train/schedule";
import { train } from "../../train/trainer";

export interface Fit {
  readonly batches: (step: number) => Batch;
  readonly steps: number;
  /** Of the first step. */
  readonly learningRate: number;
  /** Default 0. */
  readonly weightDecay?: number;
  /** For the positions of each step. */
  readonly rng: Rng;
}

const CURVE_POINTS = 50;

/** Trains in place, yields the share done, and returns pairs of step and loss for a curve. */
export function* fit(model: Trainable, options: Fit): Generator<number, [number, number][]> {
  const { batches, steps, learningRate, weightDecay = 0, rng } = options;
  const optimizer = adamw(namedParameters(model), { beta2: 0.98, weightDecay });
  const rate = linear({ learningRate, steps });
  const curve: [number, number][] = [];
  const stride = Math.max(1, Math.floor(steps / CURVE_POINTS));
  const run = train(model, { batches, steps, learningRate: rate, optimizer, rng, clip: 1 });
  for (const { step, loss } of run) {
    if (step === 1 || step % stride === 0) curve.push([step, Math.round(loss * 1e4) / 1e4]);
    yield step / steps;
  }
  optimizer.release();
  return curve;
}
