// The position-wise part of a block: up, nonlinearity, down.
import { type ActivationName, activations } from "../ops/activation";
import type { Rng } from "../tensor/rng";
import type { Tensor } from "../tensor/tensor";
import { Linear } from "./linear";

export interface MlpOptions {
  readonly width: number;
  readonly hidden: number;
  readonly activation: ActivationName;
  readonly bias: boolean;
  /** Initial standard deviations of the way up and the way down. */
  readonly deviation: number;
  readonly outputDeviation: number;
  readonly rng: Rng;
}

export class Mlp {
  readonly up: Linear;
  readonly down: Linear;
  readonly #activation: ActivationName;

  constructor({ width, hidden, activation, bias, deviation, outputDeviation, rng }: MlpOptions) {
    this.up = new Linear(width, hidden, { bias, deviation, rng: rng.fork("up") });
    this.down = new Linear(hidden, width, { bias, deviation: outputDeviation, rng: rng.fork("down") });
    this.#activation = activation;
  }

  /** x [..., width] gives [..., width]. */
  apply(x: Tensor): Tensor {
    return this.down.apply(activations[this.#activation](this.up.apply(x)));
  }
}
