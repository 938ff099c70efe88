// y = x W + b.
import { linear } from "../ops/matmul";
import { full, normal } from "../ops/random";
import type { Rng } from "../tensor/rng";
import type { Tensor } from "../tensor/tensor";
import { parameter } from "./module";

export interface LinearOptions {
  readonly bias: boolean;
  /** Standard deviation of the initial weights. */
  readonly deviation: number;
  readonly rng: Rng;
}

export class Linear {
  readonly weight: Tensor; // [inputs, outputs]
  readonly bias?: Tensor; // [outputs]

  constructor(inputs: number, outputs: number, { bias, deviation, rng }: LinearOptions) {
    this.weight = parameter(normal([inputs, outputs], { deviation, rng }));
    if (bias) this.bias = parameter(full([outputs], 0));
  }

  /** x [..., inputs] gives [..., outputs]. */
  apply(x: Tensor): Tensor {
    return linear(x, this.weight, this.bias);
  }
}
