// Skip-trigrams, "source ... destination -> output": what one head of a first layer can say, read from its weights (Elhage et al. 2021),
// and the faults ("bugs") that it cannot help, since the choice of the source and what it raises are two separate tables.
import { type Circuits, fullOv, fullQk, type HeadCircuit, headName } from "./circuits";
import type { Matrix } from "./matrix";
import { rowOf } from "./matrix";

export interface Scored {
  readonly token: number;
  readonly value: number;
}

export interface SkipTrigrams {
  readonly source: number;
  /** Tokens that ask for the source most, by their score of it: column `source` of W_E QK W_E^T. */
  readonly destinations: readonly Scored[];
  /** Tokens that it then raises most, by logit: row `source` of W_E OV W_U. */
  readonly outputs: readonly Scored[];
}

/**
 * For each source the destinations and outputs of largest value, largest first. Any of the destinations goes with any of the outputs.
 *
 * @param options `count` of each, 3 by default; `sources`, all tokens by default
 * @throws Error for a head of a later layer, which reads more than tokens
 */
export function skipTrigrams(
  circuits: Circuits,
  head: HeadCircuit,
  options: { readonly count?: number; readonly sources?: readonly number[] } = {},
): SkipTrigrams[] {
  if (head.layer > 0)
    throw new Error(
      `skipTrigrams: a head of the first layer is needed, which sees tokens alone, got ${headName(head)}`,
    );
  const { count = 3, sources = Array.from({ length: circuits.embedding.rows }, (_, token) => token) } =
    options;
  const asked = fullQk(circuits, head).transposed();
  const moved = fullOv(circuits, head);
  return sources.map((source) => ({
    source,
    destinations: largest(asked.row(source), count),
    outputs: largest(moved.row(source), count),
  }));
}

export interface Factoring {
  /** Effects whose sign is not that of the source's OV row. */
  readonly wrongSigns: number;
  /** The largest relative difference, over outputs, of the ratio between two destinations. */
  readonly ratioError: number;
}

/**
 * Whether measured effects of one source fall apart into an attention per destination and a logit per output, A[d, s] OV[s, o], as those
 * of one head must: if it raises "keep ... in -> mind" and "keep ... at -> bay", it raises "keep ... in -> bay", too.
 *
 * @param effects [destinations, V]: what the source adds to the logits at each destination
 * @param logits row of the source in W_E OV W_U, [V]
 * @param least outputs of smaller logits are not looked at
 */
export function skipTrigramFactoring(effects: Matrix, logits: Float64Array, least = 1e-3): Factoring {
  const outputs = Array.from(logits.keys()).filter((output) => Math.abs(logits[output]!) > least);
  const clearest = largest(logits.map(Math.abs), 1)[0]!.token;
  let [wrongSigns, ratioError] = [0, 0];
  for (let destination = 0; destination < effects.rows; destination++) {
    const row = rowOf(effects, destination);
    const share = row[clearest]! / logits[clearest]!;
    for (const output of outputs) {
      const ratio = row[output]! / logits[output]!;
      if (!(ratio > 0)) wrongSigns += 1;
      ratioError = Math.max(ratioError, Math.abs(ratio / share - 1));
    }
  }
  return { wrongSigns, ratioError };
}

function largest(values: Float64Array, count: number): Scored[] {
  return Array.from(values, (value, token) => ({ token, value }))
    .sort((a, b) => b.value - a.value)
    .slice(0, count);
}
