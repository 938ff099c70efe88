// One token among n is flagged: which symbol does it carry? What a row of attention must find and keep, however many others there are.
//
//     symbol   3 0 1 0 5 0 0 2        the flagged one uniform among 8, the others Zipf: r^-1.5 over ranks, so that a mean over them says
//     flag     . . . . * . . .        something, and something wrong
//     target   5
import { type Batch, IGNORED } from "../../data/batches";
import { pow } from "../../math/pow";
import type { Rng } from "../../tensor/rng";

export const SYMBOLS = 8;
/** A token's id is its symbol, and 8 more where it is flagged. */
export const flaggedSizes = { vocabulary: 2 * SYMBOLS, outputs: SYMBOLS } as const;

const cumulative = sums(Array.from({ length: SYMBOLS }, (_, rank) => pow(rank + 1, -1.5)));

/** Batches of sequences of n tokens as a function of the step. The target stands at the last token, the others are ignored. */
export function flagged(options: {
  readonly batch: number;
  readonly n: number;
  readonly rng: Rng;
}): (step: number) => Batch {
  const { batch, n, rng } = options;
  return (step) => {
    const draws = rng.fork(step);
    const inputs = new Int32Array(batch * n);
    const targets = new Int32Array(batch * n).fill(IGNORED);
    for (let row = 0; row < batch; row++) {
      for (let i = 0; i < n; i++) inputs[row * n + i] = common(draws);
      const symbol = draws.integer(SYMBOLS);
      inputs[row * n + draws.integer(n)] = SYMBOLS + symbol;
      targets[(row + 1) * n - 1] = symbol;
    }
    return { inputs, targets, batch, context: n };
  };
}

function common(draws: Rng): number {
  const draw = draws.uniform() * cumulative[SYMBOLS - 1]!;
  return cumulative.findIndex((sum) => draw < sum);
}

function sums(values: readonly number[]): number[] {
  let sum = 0;
  return values.map((value) => {
    sum += value;
    return sum;
  });
}
