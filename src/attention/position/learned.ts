// A learned vector per position, added to the token's (Gehring et al. 2017; GPT-2).
import { parameter } from "../../nn/module";
import { embedding } from "../../ops/embedding";
import { normal } from "../../ops/random";
import { ids, type Tensor } from "../../tensor/tensor";
import type { At, Position, PositionConfig, PositionScheme } from "./position";

class LearnedPosition implements Position {
  readonly weight: Tensor; // [reach, width]

  constructor({ reach, width, deviation, rng }: PositionConfig) {
    this.weight = parameter(normal([reach, width], { deviation, rng }));
  }

  embed(at: At): Tensor {
    return embedding(this.weight, ids(at));
  }
}

export const learned: PositionScheme = {
  what: "a learned vector per position, added to the token's (Gehring et al. 2017, arXiv:1705.03122)",
  tells: "whole",
  absolute: true,
  works: "alone",
  create: (config) => new LearnedPosition(config),
};
