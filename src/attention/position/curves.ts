// Biases that fall with the distance along a curve with a few learned numbers per head: KERPLE and Sandwich.
import { exp } from "../../math/exp";
import { log } from "../../math/log";
import { cos } from "../../math/trig";
import { parameter } from "../../nn/module";
import { gainRow, kerpleLog, kerplePower } from "../../ops/kerple";
import { full } from "../../ops/random";
import type { Tensor } from "../../tensor/tensor";
import type { Position, PositionConfig, PositionScheme } from "./position";

const BASE = 10000;

class Kerple implements Position {
  /** The logarithm of the height; of the rate, or what the power is twice the sigmoid of. Zero: height and rate or power 1. */
  readonly height: Tensor; // [heads]
  readonly rate: Tensor; // [heads]
  readonly #curve: typeof kerpleLog;

  constructor({ heads }: PositionConfig, curve: typeof kerpleLog) {
    this.height = parameter(full([heads], 0));
    this.rate = parameter(full([heads], 0));
    this.#curve = curve;
  }

  bias(distances: Float64Array): Tensor {
    return this.#curve(this.height, this.rate, distances);
  }
}

/** What the sinusoids of two positions give as product, half the head width of cosines, with a factor per head. */
class Sandwich implements Position {
  readonly gain: Tensor; // [heads]
  readonly #width: number;

  constructor({ heads, headWidth }: PositionConfig) {
    this.gain = parameter(full([heads], 1));
    this.#width = headWidth;
  }

  bias(distances: Float64Array): Tensor {
    return gainRow(
      this.gain,
      distances.map((distance) => sandwich(distance, this.#width)),
    );
  }
}

/** sum over pairs of channels i of cos(d / 10000^(2i/width)). */
export function sandwich(distance: number, width: number): number {
  let sum = 0;
  for (let pair = 0; pair < Math.floor(width / 2); pair++) {
    sum += cos(Math.abs(distance) * exp((-2 * pair * log(BASE)) / width));
  }
  return sum;
}

export const kerpleLogarithm: PositionScheme = {
  what: "-r1 ln(1 + r2 |distance|), r1 and r2 learned per head (Chi et al. 2022, KERPLE, arXiv:2205.09921)",
  tells: "any",
  absolute: false,
  works: "scores",
  create: (config) => new Kerple(config, kerpleLog),
};

export const kerplePowers: PositionScheme = {
  what: "-r1 |distance|^r2, r1 and r2 below 2 learned per head (Chi et al. 2022, KERPLE, arXiv:2205.09921)",
  tells: "any",
  absolute: false,
  works: "scores",
  create: (config) => new Kerple(config, kerplePower),
};

export const sandwichBias: PositionScheme = {
  what: "the product of both positions' sinusoids, with a learned factor per head (Chi et al. 2022, Sandwich, arXiv:2212.10356)",
  tells: "any",
  absolute: false,
  works: "scores",
  create: (config) => new Sandwich(config),
};
