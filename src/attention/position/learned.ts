// A learned vector per position, added to the token's (Gehring et al. 2017; GPT-2) or only to what queries and keys are made of.
import { parameter } from "../../nn/module";
import { embedding } from "../../ops/embedding";
import { normal } from "../../ops/random";
import { floats, ids, type Tensor } from "../../tensor/tensor";
import type { At, Position, PositionConfig, PositionScheme } from "./position";
import { sinusoids } from "./sinusoidal";

/** Of the wavelengths that the vectors of qk-learned begin with; the longest is 2 pi times as many tokens. */
const BASE = 200;

class LearnedPosition implements Position {
  readonly weight: Tensor; // [reach, width]

  constructor({ reach, width, deviation, rng }: PositionConfig) {
    this.weight = parameter(normal([reach, width], { deviation, rng }));
  }

  embed(at: At): Tensor {
    return embedding(this.weight, ids(at));
  }
}

/** Begins as sinusoids of length one, of which a small model need not first learn what is near. */
class LearnedForScores implements Position {
  readonly weight: Tensor; // [reach, width]

  constructor({ reach, width }: PositionConfig) {
    const every = Float64Array.from({ length: reach }, (_, position) => position);
    this.weight = parameter(sinusoids(every, width, BASE));
    const values = floats(this.weight);
    for (let start = 0; start < values.length; start += width) {
      const row = values.subarray(start, start + width);
      const norm = Math.sqrt(row.reduce((sum, value) => sum + value * value, 0));
      row.set(row.map((value) => value / norm));
    }
  }

  embedScores(at: At): Tensor {
    return embedding(this.weight, ids(at));
  }
}

export const learned: PositionScheme = {
  what: "a learned vector per position, added to the token's (Gehring et al. 2017, arXiv:1705.03122)",
  residual: true,
  tells: "whole",
  absolute: true,
  works: "alone",
  create: (config) => new LearnedPosition(config),
};

export const qkLearned: PositionScheme = {
  what: "a learned vector per position, at first sinusoids of length one, added to what queries and keys are made of, not to values (Olsson et al. 2022, arXiv:2209.11895)",
  tells: "whole",
  absolute: true,
  works: "alone",
  create: (config) => new LearnedForScores(config),
};
