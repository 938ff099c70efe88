// The position-wise part of a block: up, nonlinearity, down; gated by a second way up.
import { type ActivationName, activations } from "../ops/activation";
import { multiply } from "../ops/arithmetic";
import type { Rng } from "../tensor/rng";
import type { Tensor } from "../tensor/tensor";
import { Linear } from "./linear";

export interface MlpOptions {
  readonly width: number;
  readonly hidden: number;
  readonly activation: ActivationName;
  readonly gated?: boolean;
  readonly bias: boolean;
  /** Initial standard deviations of the way up and the way down. */
  readonly deviation: number;
  readonly outputDeviation: number;
  readonly rng: Rng;
}

export const mlps = {
  plain: { what: "down(activation(up(x))) (Vaswani et al. 2017)" },
  gated: { what: "down(activation(gate(x)) up(x)), with silu SwiGLU (Shazeer 2020, arXiv:2002.05202)" },
} as const;

export type MlpName = keyof typeof mlps;

export class Mlp {
  readonly gate?: Linear;
  readonly up: Linear;
  readonly down: Linear;
  readonly #activation: ActivationName;

  constructor(options: MlpOptions) {
    const { width, hidden, activation, gated = false, bias, deviation, outputDeviation, rng } = options;
    if (gated) this.gate = new Linear(width, hidden, { bias, deviation, rng: rng.fork("gate") });
    this.up = new Linear(width, hidden, { bias, deviation, rng: rng.fork("up") });
    this.down = new Linear(hidden, width, { bias, deviation: outputDeviation, rng: rng.fork("down") });
    this.#activation = activation;
  }

  /** x [..., width] gives [..., width]. */
  apply(x: Tensor): Tensor {
    const activation = activations[this.#activation];
    const up = this.up.apply(x);
    return this.down.apply(this.gate ? multiply(activation(this.gate.apply(x)), up) : activation(up));
  }
}
