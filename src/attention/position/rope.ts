// Rotary positions: queries and keys turn with their position, so that products depend on distances (arXiv:2104.09864).
import { exp } from "../../math/exp";
import { log } from "../../math/log";
import { cos, sin } from "../../math/trig";
import { type RotaryTables, rope } from "../../ops/rope";
import { type Tensor, tensor } from "../../tensor/tensor";
import type { Position, PositionConfig } from "./position";

const BASE = 10000;

export class RotaryPosition implements Position {
  // Private: computed, so neither learned nor saved.
  readonly #tables: RotaryTables;

  constructor({ context, headWidth }: PositionConfig) {
    if (headWidth % 2 !== 0) {
      throw new Error(`rope: heads must have an even width, got ${headWidth}; change width or heads`);
    }
    const half = headWidth / 2;
    const angles = Array.from({ length: context * half }, (_, index) => {
      const [position, pair] = [Math.floor(index / half), index % half];
      return position * exp((-2 * pair * log(BASE)) / headWidth);
    });
    this.#tables = {
      cos: tensor(angles.map(cos), [context, half], "rope cosines").keep(),
      sin: tensor(angles.map(sin), [context, half], "rope sines").keep(),
    };
  }

  rotate(x: Tensor, offset: number): Tensor {
    return rope(x, this.#tables, offset);
  }
}
