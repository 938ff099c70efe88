// Normalisation layers, by name.
import { layernorm, rmsnorm } from "../ops/norm";
import { full } from "../ops/random";
import type { Tensor } from "../tensor/tensor";
import { parameter } from "./module";

export interface Norm {
  apply(x: Tensor): Tensor;
}

export interface NormOptions {
  readonly bias: boolean;
  readonly epsilon: number;
}

class LayerNorm implements Norm {
  readonly gain: Tensor; // [width]
  readonly bias?: Tensor; // [width]
  readonly #epsilon: number;

  constructor(width: number, { bias, epsilon }: NormOptions) {
    this.gain = parameter(full([width], 1));
    if (bias) this.bias = parameter(full([width], 0));
    this.#epsilon = epsilon;
  }

  apply(x: Tensor): Tensor {
    return layernorm(x, this.gain, this.bias, this.#epsilon);
  }
}

class RmsNorm implements Norm {
  readonly gain: Tensor; // [width]
  readonly #epsilon: number;

  constructor(width: number, { epsilon }: NormOptions) {
    this.gain = parameter(full([width], 1));
    this.#epsilon = epsilon;
  }

  apply(x: Tensor): Tensor {
    return rmsnorm(x, this.gain, this.#epsilon);
  }
}

export const norms = {
  layernorm: (width: number, options: NormOptions): Norm => new LayerNorm(width, options),
  rmsnorm: (width: number, options: NormOptions): Norm => new RmsNorm(width, options),
  none: (): Norm => ({ apply: (x) => x }),
} as const;

export type NormName = keyof typeof norms;
