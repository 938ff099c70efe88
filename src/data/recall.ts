// Pairs of a key and a value in random order, then a key: what was its value? Content decides where to look, no position does.
//
//     token     0    1    2   ...  11   12
//     key       k7   k0   k3       k5   k3          every key once, in random order
//     value     v2   v9   v4       v2   ?           each value at random
//     target                            v4
//
// A token is two ids beside one another, key and value, whose embeddings a model adds.
import type { Rng } from "../tensor/rng";
import { type Batch, IGNORED } from "./batches";

/** Keys are 0..11, values 12..23, and this asks. */
const PAIRS = 12;
const ASKED = 2 * PAIRS;

/** What a model of this task takes and gives: `context` tokens of `fields` ids each. */
export const recallSizes = {
  vocabulary: ASKED + 1,
  outputs: PAIRS,
  context: PAIRS + 1,
  fields: 2,
} as const;

/** Batches as a function of the step. */
export function recall(options: { readonly batch: number; readonly rng: Rng }): (step: number) => Batch {
  const { batch, rng } = options;
  const width = recallSizes.context * recallSizes.fields;
  return (step) => {
    const draws = rng.fork(step);
    const inputs = new Int32Array(batch * width);
    const targets = new Int32Array(batch * width).fill(IGNORED);
    for (let row = 0; row < batch; row++) {
      const keys = draws.shuffle(Array.from({ length: PAIRS }, (_, key) => key));
      const values = keys.map(() => draws.integer(PAIRS));
      const asked = draws.integer(PAIRS);
      const pairs = keys.flatMap((key, i) => [key, PAIRS + values[i]!]);
      inputs.set([...pairs, keys[asked]!, ASKED], row * width);
      targets[(row + 1) * width - recallSizes.fields] = values[asked]!;
    }
    return { inputs, targets, batch, context: width };
  };
}
