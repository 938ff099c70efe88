// A bias that falls in proportion to the distance, with a slope of its own for every head (Press et al. 2021, arXiv:2108.12409).
import { exp } from "../../math/exp";
import { tensor } from "../../tensor/tensor";
import type { PositionScheme } from "./position";

/** 2^(-8 h / H) for h = 1..H; for other H than powers of two those of the power below, then every second one of twice as many. */
export function alibiSlopes(heads: number): number[] {
  const geometric = (count: number) =>
    Array.from({ length: count }, (_, h) => exp((-8 * Math.LN2 * (h + 1)) / count));
  let power = 1;
  while (2 * power <= heads) power *= 2;
  const between = geometric(2 * power).filter((_, h) => h % 2 === 0);
  return [...geometric(power), ...between].slice(0, heads);
}

export const alibi: PositionScheme = {
  what: "minus a slope per head times the distance (Press et al. 2021, arXiv:2108.12409)",
  tells: "any",
  absolute: false,
  works: "scores",
  create({ heads }) {
    const slopes = alibiSlopes(heads);
    return {
      bias: (distances) =>
        tensor(
          slopes.flatMap((slope) => Array.from(distances, (distance) => -slope * Math.abs(distance))),
          [heads, distances.length],
          "alibi",
        ),
    };
  },
};
