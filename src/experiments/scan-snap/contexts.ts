// What a step of training sees: every class at its expected counts (population), or a batch of sampled sequences (minibatch).
import type { Classes, TokenClass } from "./classes";

/** Numbers uniform in [0, 1). */
export type Draw = () => number;

/** Calls `visit` for each context of one step, in order; the shares sum to 1. `counts` is only lent. */
export type Contexts = (visit: (context: TokenClass, counts: Float64Array, share: number) => void) => void;

/** Infinitely long sequences, and infinitely many: counts become P(l|n), and each class counts 1/K. Draws nothing. */
export function population({ classes }: Classes): Contexts {
  return (visit) => {
    for (const context of classes) visit(context, context.probabilities, 1 / classes.length);
  };
}

/**
 * Sequences of `length` tokens, the last of which is the query: a uniform class, then length - 1 independent context tokens.
 * Allocates nothing after the first call.
 */
export function minibatch(
  { classes }: Classes,
  { batch, length, draw }: { readonly batch: number; readonly length: number; readonly draw: Draw },
): Contexts {
  const steps = classes.map(({ probabilities }) => cumulative(probabilities));
  const counts = classes.map(({ support }) => new Float64Array(support.length));
  return (visit) => {
    for (let b = 0; b < batch; b++) {
      const n = Math.floor(draw() * classes.length);
      const mine = counts[n]!.fill(0);
      const bounds = steps[n]!;
      for (let t = 1; t < length; t++) {
        const u = draw();
        let i = 0;
        while (u > bounds[i]!) i++;
        mine[i]! += 1;
      }
      visit(classes[n]!, mine, 1 / batch);
    }
  };
}

/** Running sums; the last is 1, whatever the rounding, so that every draw finds its token. */
function cumulative(probabilities: Float64Array): Float64Array {
  let sum = 0;
  const sums = probabilities.map((p) => (sum += p));
  sums[sums.length - 1] = 1;
  return sums;
}
