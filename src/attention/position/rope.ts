// Rotary positions: queries and keys turn with their position, so that products depend on distances (arXiv:2104.09864).
import { exp } from "../../math/exp";
import { log } from "../../math/log";
import { cos, sin } from "../../math/trig";
import { rope } from "../../ops/rope";
import { type Tensor, tensor } from "../../tensor/tensor";
import type { Position, PositionConfig } from "./position";

const BASE = 10000;

export class RotaryPosition implements Position {
  // Plain arrays [context, half], copied for every use: there is no memory that an owner would have to free.
  readonly #cos: Float32Array;
  readonly #sin: Float32Array;
  readonly #half: number;

  constructor({ context, headWidth }: PositionConfig) {
    if (headWidth % 2 !== 0) {
      throw new Error(`rope: heads must have an even width, got ${headWidth}; change width or heads`);
    }
    const half = headWidth / 2;
    const angles = Array.from({ length: context * half }, (_, index) => {
      const [position, pair] = [Math.floor(index / half), index % half];
      return position * exp((-2 * pair * log(BASE)) / headWidth);
    });
    this.#cos = Float32Array.from(angles, cos);
    this.#sin = Float32Array.from(angles, sin);
    this.#half = half;
  }

  rotate(x: Tensor, offset: number): Tensor {
    const half = this.#half;
    const tokens = x.shape[1]!; // [B, T, H, D] by the contract
    const table = (values: Float32Array, name: string) =>
      tensor(values.subarray(offset * half, (offset + tokens) * half), [tokens, half], name);
    return rope(x, { cos: table(this.#cos, "rope cosines"), sin: table(this.#sin, "rope sines") });
  }
}
