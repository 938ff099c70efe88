// Rotary positions: queries and keys turn with their position, so that products depend on distances (arXiv:2104.09864).
import { exp } from "../../math/exp";
import { log } from "../../math/log";
import { cos, sin } from "../../math/trig";
import { rope as turn } from "../../ops/rope";
import { type Tensor, tensor } from "../../tensor/tensor";
import type { At, Position, PositionConfig, PositionScheme } from "./position";

const BASE = 10000;

/** Turns heads of an even width; shared by all schemes that rotate. */
export class Rotation {
  readonly #frequencies: Float64Array;
  /** Cosines and sines by whole position: plain arrays, which no owner would have to free. */
  readonly #known = new Map<number, readonly [cos: Float32Array, sin: Float32Array]>();

  constructor({ headWidth }: PositionConfig) {
    if (headWidth % 2 !== 0) {
      throw new Error(`rope: heads must have an even width, got ${headWidth}; change width or heads`);
    }
    this.#frequencies = Float64Array.from({ length: headWidth / 2 }, (_, pair) =>
      exp((-2 * pair * log(BASE)) / headWidth),
    );
  }

  /** x [B, T, H, D], token t turned by at[t]. */
  turn(x: Tensor, at: At): Tensor {
    const shape = [at.length, this.#frequencies.length];
    const table = (part: 0 | 1, name: string) => {
      const values = new Float32Array(shape[0]! * shape[1]!);
      for (const [t, position] of at.entries()) values.set(this.#angles(position)[part], t * shape[1]!);
      return tensor(values, shape, name);
    };
    return turn(x, { cos: table(0, "rope cosines"), sin: table(1, "rope sines") });
  }

  #angles(position: number): readonly [Float32Array, Float32Array] {
    const known = this.#known.get(position);
    if (known) return known;
    const angles = this.#frequencies.map((frequency) => position * frequency);
    const made = [Float32Array.from(angles, cos), Float32Array.from(angles, sin)] as const;
    if (Number.isInteger(position)) this.#known.set(position, made); // fractions hardly come twice
    return made;
  }
}

class RotaryPosition implements Position {
  readonly #rotation: Rotation;

  constructor(config: PositionConfig) {
    this.#rotation = new Rotation(config);
  }

  rotate(x: Tensor, at: At): Tensor {
    return this.#rotation.turn(x, at);
  }
}

export const rope: PositionScheme = {
  what: "queries and keys turn with their position (Su et al. 2021, arXiv:2104.09864)",
  tells: "any",
  absolute: false,
  needsKeys: true,
  create: (config) => new RotaryPosition(config),
};
