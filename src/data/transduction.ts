// A sequence of symbols, and then what a rule makes of it, symbol by symbol: the least task that has an input part and an output part.
//
//     reversed      7 2 9 4 # 4 9 2 7
//     sorted        7 2 9 4 # 2 4 7 9
//     prefix-sums   7 2 9 4 # 2 4 3 2         sums so far, modulo 5
//
//     inputs        7 2 9 4 # 4 9 2           a decoder reads both parts; to an encoder and a decoder the first n ids are the source
//     targets       . . . . 4 9 2 7           only outputs count
import type { Rng } from "../tensor/rng";
import { type Batch, IGNORED } from "./batches";

const SYMBOLS = 15;
/** # */
const END = SYMBOLS;
const MODULUS = 5;

const rules = {
  reversed: (x) => x.toReversed(),
  sorted: (x) => x.toSorted((a, b) => a - b),
  "prefix-sums": (x) => {
    let sum = 0;
    return x.map((symbol) => {
      sum = (sum + symbol) % MODULUS;
      return sum;
    });
  },
} as const satisfies Readonly<Record<string, (x: readonly number[]) => number[]>>;

export type TransductionRule = keyof typeof rules;
export const transductionRules = Object.keys(rules) as readonly TransductionRule[]; // its own keys

/** What a decoder of this task takes: the input part, the sign of its end, and all outputs but the last. */
export function transductionSizes(length: number) {
  return { vocabulary: SYMBOLS + 1, context: 2 * length };
}

/**
 * Batches as a function of the step: uniform symbols, `length` of them in every row.
 * @throws RangeError unless `length` is a whole number of at least 1
 */
export function transduction(options: {
  readonly rule: TransductionRule;
  readonly length: number;
  readonly batch: number;
  readonly rng: Rng;
}): (step: number) => Batch {
  const { rule, length, batch, rng } = options;
  if (!(Number.isInteger(length) && length >= 1))
    throw new RangeError(`transduction: length must be a whole number of at least 1, got ${length}`);
  const { context } = transductionSizes(length);
  return (step) => {
    const draws = rng.fork(step);
    const inputs = new Int32Array(batch * context);
    const targets = new Int32Array(batch * context).fill(IGNORED);
    for (let row = 0; row < batch; row++) {
      const x = Array.from({ length }, () => draws.integer(SYMBOLS));
      const y = rules[rule](x);
      inputs.set([...x, END, ...y.slice(0, -1)], row * context);
      targets.set(y, row * context + length);
    }
    return { inputs, targets, batch, context };
  };
}
