// Windows over a stream of tokens: random ones to train on, consecutive ones to evaluate every prediction once.
import type { Rng } from "../tensor/rng";
import { expectContext } from "./text";

export interface Batch {
  /** Token ids [batch, context]. */
  readonly inputs: Int32Array;
  /** The id after each input [batch, context]; -1 where there is nothing to predict. */
  readonly targets: Int32Array;
  readonly batch: number;
  readonly context: number;
}

/** Target of padding: cross-entropy ignores it. */
export const IGNORED = -1;

/**
 * Random windows as a function of the step: the same step gives the same batch, whatever was asked before, so a resumed run sees
 * what it would have seen.
 *
 *     tokens   t h e   d o g   r u n s
 *     inputs     h e   d o g            context 5, at a uniform start for each row
 *     targets    e   d o g
 *
 * @param tokens at least context + 1 ids
 * @throws RangeError for fewer tokens, or a batch or context below 1
 */
export function windows(
  tokens: Int32Array,
  options: { readonly batch: number; readonly context: number; readonly rng: Rng },
): (step: number) => Batch {
  const { batch, context, rng } = options;
  expectContext(tokens, context);
  expectBatch(batch);
  return (step) => {
    const draws = rng.fork(step);
    const inputs = new Int32Array(batch * context);
    const targets = new Int32Array(batch * context);
    for (let row = 0; row < batch; row++) {
      const start = draws.integer(tokens.length - context);
      inputs.set(tokens.subarray(start, start + context), row * context);
      targets.set(tokens.subarray(start + 1, start + context + 1), row * context);
    }
    return { inputs, targets, batch, context };
  };
}

/**
 * Batches that hold each of the tokens.length - 1 next-token predictions exactly once, in order. Windows do not overlap, so a token
 * sees on average half a context before it. The last batch keeps its shape: inputs 0 and targets -1 fill it up.
 * @param tokens at least two ids
 * @throws RangeError for fewer tokens, or a batch or context below 1
 */
export function sequentialWindows(
  tokens: Int32Array,
  options: { readonly batch: number; readonly context: number },
): Iterable<Batch> {
  const { batch, context } = options;
  expectContext(tokens, 1);
  expectBatch(batch);
  if (!(Number.isInteger(context) && context >= 1)) {
    throw new RangeError(`batches: context must be a whole number of at least 1, got ${context}`);
  }
  return {
    *[Symbol.iterator]() {
      const predictions = tokens.length - 1;
      for (let start = 0; start < predictions; start += batch * context) {
        const end = Math.min(start + batch * context, predictions);
        const inputs = new Int32Array(batch * context);
        const targets = new Int32Array(batch * context).fill(IGNORED);
        // Rows follow each other in the text, so a batch is one stretch of it.
        inputs.set(tokens.subarray(start, end));
        targets.set(tokens.subarray(start + 1, end + 1));
        yield { inputs, targets, batch, context };
      }
    },
  };
}

function expectBatch(batch: number): void {
  if (!(Number.isInteger(batch) && batch >= 1)) {
    throw new RangeError(`batches: batch must be a whole number of at least 1, got ${batch}`);
  }
}
