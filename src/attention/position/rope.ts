// Rotary positions: queries and keys turn with their position, so that products depend on distances.
import type { Tensor } from "../../tensor/tensor";
import type { At, Position, PositionConfig, PositionScheme } from "./position";
import { Rotation } from "./rotation";

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
  works: "keys",
  create: (config) => new RotaryPosition(config),
};
