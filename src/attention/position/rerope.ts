// Rotary positions that do not grow beyond a distance: near pairs are compared as rope does, far ones by a fixed turn or by none.
import type { Tensor } from "../../tensor/tensor";
import type { At, Band, Position, PositionConfig, PositionScheme } from "./position";
import { Rotation } from "./rotation";

class BandedRotation implements Position {
  readonly bands: readonly Band[];

  /** @param far by which distance a query is turned against a key that is farther before it than `near` */
  constructor(config: PositionConfig, far: number) {
    const { near } = config.options;
    const rotation = new Rotation(config);
    const turn = (by: number) => (x: Tensor, at: At) =>
      rotation.turn(
        x,
        at.map(() => by),
      );
    const byPlace = (x: Tensor, at: At) => rotation.turn(x, at);
    this.bands = [
      { covers: (distance) => Math.abs(distance) < near, query: byPlace, key: byPlace },
      { covers: (distance) => distance >= near, query: turn(far), key: turn(0) },
      { covers: (distance) => distance <= -near, query: turn(0), key: turn(far) },
    ];
  }
}

export const rerope: PositionScheme = {
  what: "rope up to the distance `near`, from there on as at that distance (Su 2023, ReRoPE, kexue.fm/archives/9708)",
  tells: "any",
  absolute: false,
  works: "keys and scores",
  create: (config) => new BandedRotation(config, config.options.near),
};

export const windowRope: PositionScheme = {
  what: "rope up to the distance `near`, from there on without positions",
  tells: "any",
  absolute: false,
  works: "keys and scores",
  create: (config) => new BandedRotation(config, 0),
};
