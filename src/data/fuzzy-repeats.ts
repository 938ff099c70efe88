// Repeats that mean the same and are not: symbols have partners, and a block that is told again may have any symbol's partner in its place.
//
//     <bos>  c a d b  c a' d' b  c' a        period 4, ' marks a partner
//
// What comes next is known up to its partner: ln 2 nats where either is as likely. After the fuzzy copies of Olsson et al. 2022
// (arXiv:2209.11895), where heads find what is alike, such as the same word in another language.
import type { Rng } from "../tensor/rng";
import { BOS, type RepeatedBatch, repeatedSequences } from "./repeated-sequences";

/** Symbols 1 .. 2 meanings: 1 and 2 are partners, 3 and 4, and so on. */
export function partnerOf(symbol: number): number {
  return symbol % 2 === 1 ? symbol + 1 : symbol - 1;
}

/** What a symbol shares with its partner: 1, 1, 2, 2, ...; 0 for the first token. */
export function meaningOf(symbol: number): number {
  return Math.ceil(symbol / 2);
}

/**
 * Batches as a function of the step: repeats of meanings, each told as one of its two symbols.
 *
 * @param options `swapped`: how likely a symbol is told as the partner of what it was in the first block, 0 (plain repeats) to 1
 * @throws RangeError as `repeatedSequences`, and for a share outside of 0 .. 1
 */
export function fuzzyRepeats(options: {
  readonly batch: number;
  readonly context: number;
  readonly rng: Rng;
  readonly meanings: number;
  readonly periods: readonly [shortest: number, longest: number];
  readonly swapped: number;
}): (step: number) => RepeatedBatch {
  const { rng, meanings, swapped, context } = options;
  if (!(swapped >= 0 && swapped <= 1))
    throw new RangeError(`fuzzy-repeats: swapped must be 0 to 1, got ${swapped}`);
  const repeats = repeatedSequences({ ...options, symbols: meanings });
  return (step) => {
    const { inputs, targets, periods, batch } = repeats(step);
    const draws = rng.fork(step, "symbols");
    const told = (tokens: readonly number[], period: number): number[] => {
      const first = new Map(tokens.slice(1, period + 1).map((meaning) => [meaning, draws.integer(2)]));
      return tokens.map((meaning, at) => {
        if (meaning === BOS) return BOS;
        const other = at > period && draws.uniform() < swapped;
        return 2 * meaning - 1 + (other ? 1 - first.get(meaning)! : first.get(meaning)!); // every meaning is in the first block
      });
    };
    for (let row = 0; row < batch; row++) {
      const start = row * context;
      const end = start + context;
      const tokens = told([...inputs.subarray(start, end), targets[end - 1]!], periods[row]!);
      inputs.set(tokens.slice(0, -1), start);
      targets.set(tokens.slice(1), start);
    }
    return { inputs, targets, periods, batch, context };
  };
}
