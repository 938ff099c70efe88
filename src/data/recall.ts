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

/** What a model of this task takes and gives for so many pairs: `context` tokens of `fields` ids each. */
export function recallSizes(pairs: number) {
  // Keys first, values next, and the id that stands for the asked value.
  return { vocabulary: 2 * pairs + 1, outputs: pairs, context: pairs + 1, fields: 2 };
}

/**
 * Batches as a function of the step.
 * @throws RangeError unless `pairs` is a whole number of at least 1
 */
export function recall(options: {
  readonly batch: number;
  readonly pairs: number;
  readonly rng: Rng;
}): (step: number) => Batch {
  const { batch, pairs, rng } = options;
  if (!(Number.isInteger(pairs) && pairs >= 1))
    throw new RangeError(`recall: pairs must be a whole number of at least 1, got ${pairs}`);
  const { context, fields } = recallSizes(pairs);
  const width = context * fields;
  return (step) => {
    const draws = rng.fork(step);
    const inputs = new Int32Array(batch * width);
    const targets = new Int32Array(batch * width).fill(IGNORED);
    for (let row = 0; row < batch; row++) {
      const keys = draws.shuffle(Array.from({ length: pairs }, (_, key) => key));
      const values = keys.map(() => draws.integer(pairs));
      const asked = draws.integer(pairs);
      inputs.set(
        keys.flatMap((key, i) => [key, pairs + values[i]!]),
        row * width,
      );
      inputs.set([keys[asked]!, 2 * pairs], (row + 1) * width - fields);
      targets[(row + 1) * width - fields] = values[asked]!;
    }
    return { inputs, targets, batch, context: width };
  };
}
