// Learned tables by position: how they begin, how far they reach, and the projections whose outputs belong to positions.
import { parameter, table } from "../nn/module";
import { queryKey } from "../ops/attention-products";
import { full, normal, uniform } from "../ops/random";
import { reshape } from "../ops/view";
import type { Rng } from "../tensor/rng";
import type { Shape } from "../tensor/shape";
import type { Tensor } from "../tensor/tensor";
import type { Options } from "./options";

/**
 * A table [H, N, K] of random numbers, not yet marked as learned: normal with this deviation, or, where the option says so, uniform
 * within Glorot's limit with the fans that TensorFlow counts when the last axis comes first: K H and K N.
 */
export function randomTable(
  shape: readonly [number, number, number],
  { options, deviation, rng }: { options: Options; deviation: number; rng: Rng },
): Tensor {
  if (options.tables === "normal") return normal(shape, { deviation, rng });
  const [heads, positions, columns] = shape;
  const limit = Math.sqrt(6 / (columns * (heads + positions)));
  return uniform(shape, { low: -limit, high: limit, rng });
}

/** Throws unless `sources` tokens have a place in a table of `context`. */
export function expectReach(place: string, context: number, sources: number): void {
  if (sources > context)
    throw new Error(
      `${place}: its tables have ${context} positions, got ${sources} tokens; shorten the input`,
    );
}

export interface PositionLinearOptions {
  /** Whether all heads have one weight. */
  readonly shared: boolean;
  /** The value biases begin with; without it there are none. */
  readonly bias?: number | undefined;
  readonly rng: Rng;
}

/** From the channels of each head to one number for each of N positions: x_h W_h + b_h. */
export class PositionLinear {
  // Laid out as keys are, because to all purposes that is what its columns are: one for every position, the same for all tokens.
  readonly weight: Tensor; // [N, H or 1, D]
  readonly bias?: Tensor; // [H or 1, N]

  constructor(heads: number, width: number, outputs: number, options: PositionLinearOptions) {
    const { shared, bias, rng } = options;
    const count = shared ? 1 : heads;
    this.weight = parameter(normal([outputs, count, width], { deviation: 1 / Math.sqrt(width), rng }));
    if (bias !== undefined) this.bias = table(full([count, outputs], bias));
  }

  /** x [B, T, H, D] gives [B, H, T, outputs], the first positions. */
  apply(x: Tensor, outputs?: number): Tensor {
    const keys = reshape(this.weight, [1, ...this.weight.shape] satisfies Shape);
    return queryKey(x, keys, 1, outputs, this.bias);
  }
}
