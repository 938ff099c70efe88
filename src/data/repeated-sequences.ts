// Sequences that repeat themselves with a period that changes from one to the next: the task on which induction heads appear.
//
//     <bos>  c a d b  c a d b  c a     period 4: first a block of distinct symbols, then the block again
//            |-----|  |---------->     in the first block nothing can be known, after it everything
//
// The period is random on purpose: at a fixed one a single layer succeeds by looking a fixed distance back.
// Source: the random repeats of Olsson et al. 2022 (arXiv:2209.11895).
import type { Rng } from "../tensor/rng";
import type { Batch } from "./batches";

export interface RepeatedBatch extends Batch {
  /** Period of each row [batch]: targets at index >= period repeat what was seen. */
  readonly periods: Int32Array;
}

/** Token 0 starts each row; symbols are 1 .. symbols. */
export const BOS = 0;
const ATTEMPTS = 10_000;

/**
 * Batches as a function of the step. Each row has its own period, uniform in `periods`, and its own block.
 * @param options `symbols` (default 32): number of distinct symbols, the vocabulary is one larger; `periods` (default [6, 16]);
 *   `banned(a, b)`: pairs of symbols that may not follow each other in a block, wrap-around included, to hold pairs out
 * @throws RangeError unless 1 <= periods[0] <= periods[1] <= symbols are whole numbers and batch and context are at least 1; Error when no
 *   block without banned pairs is found
 */
export function repeatedSequences(options: {
  readonly batch: number;
  readonly context: number;
  readonly rng: Rng;
  readonly symbols?: number;
  readonly periods?: readonly [shortest: number, longest: number];
  readonly banned?: (symbol: number, next: number) => boolean;
}): (step: number) => RepeatedBatch {
  const {
    batch,
    context,
    rng,
    symbols = 32,
    periods: [shortest, longest] = [6, 16],
    banned = () => false,
  } = options;
  if (![batch, context, shortest, longest, symbols].every((n) => Number.isInteger(n) && n >= 1)) {
    throw new RangeError(
      `repeated-sequences: sizes must be whole numbers of at least 1, got batch ${batch}, context ${context}, periods [${shortest}, ${longest}], symbols ${symbols}`,
    );
  }
  if (!(shortest <= longest && longest <= symbols)) {
    throw new RangeError(
      `repeated-sequences: periods must rise and not exceed the symbols, got [${shortest}, ${longest}] and ${symbols} symbols`,
    );
  }
  const alphabet = Array.from({ length: symbols }, (_, i) => i + 1);
  return (step) => {
    const draws = rng.fork(step);
    const inputs = new Int32Array(batch * context);
    const targets = new Int32Array(batch * context);
    const periods = new Int32Array(batch);
    for (let row = 0; row < batch; row++) {
      const period = shortest + draws.integer(longest - shortest + 1);
      const block = blockWithout(banned, alphabet, period, draws);
      periods[row] = period;
      for (let t = 0; t < context; t++) {
        inputs[row * context + t] = t === 0 ? BOS : block[(t - 1) % period]!;
        targets[row * context + t] = block[t % period]!;
      }
    }
    return { inputs, targets, batch, context, periods };
  };
}

function blockWithout(
  banned: (symbol: number, next: number) => boolean,
  alphabet: readonly number[],
  period: number,
  rng: Rng,
): number[] {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const block = rng.shuffle(alphabet).slice(0, period);
    if (!block.some((symbol, i) => banned(symbol, block[(i + 1) % period]!))) return block;
  }
  throw new Error(
    `repeated-sequences: a block of ${period} without banned pairs must exist, found none in ${ATTEMPTS} draws; ban fewer pairs`,
  );
}
