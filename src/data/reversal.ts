// Sequences to be read backwards: which token belongs where depends on positions alone, or, at varying lengths, on the length too.
//
//     source    7 2 9 4          target    4 9 2 7
//     source    7 2 . .          target    2 7 . .          . is padding, shortest below context
import type { Rng } from "../tensor/rng";
import { type Batch, IGNORED } from "./batches";
import { expectLengths } from "./translation";

const SYMBOLS = 24;
const PAD = SYMBOLS;

/** What a model of this task takes and gives. */
export const reversalSizes = { vocabulary: SYMBOLS + 1, outputs: SYMBOLS, pad: PAD } as const;

/**
 * Batches as a function of the step: uniform symbols, lengths uniform in `shortest` (default: the context) to `context`.
 * @throws RangeError unless 1 <= shortest <= context are whole numbers
 */
export function reversal(options: {
  readonly batch: number;
  readonly context: number;
  readonly rng: Rng;
  readonly shortest?: number;
}): (step: number) => Batch {
  const { batch, context, rng, shortest = context } = options;
  expectLengths("reversal", shortest, context);
  return (step) => {
    const draws = rng.fork(step);
    const inputs = new Int32Array(batch * context).fill(PAD);
    const targets = new Int32Array(batch * context).fill(IGNORED);
    for (let row = 0; row < batch; row++) {
      const length = shortest + draws.integer(context - shortest + 1);
      const source = Int32Array.from({ length }, () => draws.integer(SYMBOLS));
      inputs.set(source, row * context);
      targets.set(source.toReversed(), row * context);
    }
    return { inputs, targets, batch, context };
  };
}
