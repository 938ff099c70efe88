// One step of Naive Bayes-based Context Extension (Su 2023, kexue.fm/archives/9617): pure arithmetic on the logits that some language model
// gives for the same text after each of several contexts, and after none.
//
//     ln p(T | S_1 .. S_n)  =  (1 + beta) pool_k ln p(T | S_k)  -  beta ln p(T)  +  constant
//
import { LEAST, logSoftmax, rowEntropy, type Truncation, truncate } from "./log-probabilities";
import { type Pooled, type PoolName, pools } from "./pooling";

export interface NbceOptions extends Truncation {
  /** How the contexts become one. Default min-entropy. */
  readonly pool?: PoolName | undefined;
  /** How much what is said without context is held against what is said with one; at least -1. Default 0.25. */
  readonly beta?: number | undefined;
  /** Nats by which another context must be less unsure to take over. Default 0.1. */
  readonly eta?: number | undefined;
  /** Default 0.95. */
  readonly topP?: number | undefined;
  /** For the weighted pool: the share of each context, in any unit. */
  readonly weights?: readonly number[] | undefined;
}

/** What a step hands to the next. The first one begins with `{}`. */
export interface NbceState {
  /** The context chosen last, from 0. */
  readonly chosen?: number | undefined;
}

export interface NbceStep {
  /** ln p of every token; -infinity for those that were dropped. */
  readonly logProbabilities: Float64Array;
  /** The formula's value before it is normalised. */
  readonly scores: Float64Array;
  /** Of each context's row, truncated and not renormalised, in nats. */
  readonly entropies: Float64Array;
  /** The context that speaks, from 0, where the pool chooses one. */
  readonly chosen: number | undefined;
  /** The share of each context, where the pool weighs them. */
  readonly weights: Float64Array | undefined;
  readonly state: NbceState;
}

/** The values of the reference implementation (bojone/NBCE). */
export const standard = { pool: "min-entropy", beta: 0.25, eta: 0.1, topP: 0.95 } as const;

/**
 * @param logits rows of one length: the first without any context, then one for each; without any it is plain decoding
 * @throws Error `nbce: rule, got value` for options out of range and for rows that are no logits
 */
export function nbceStep(
  logits: readonly ArrayLike<number>[],
  state: NbceState = {},
  options: NbceOptions = {},
): NbceStep {
  checkOptions(options, logits.length - 1);
  const { beta = standard.beta } = options;
  const whole = logits.map(logSoftmax);
  const uneven = whole.find((row) => row.length !== whole[0]!.length); // checkOptions wants a row
  if (uneven)
    throw new Error(`nbce: rows must be equally long, got ${whole.map((row) => row.length).join(", ")}`);
  const cut = { topK: options.topK, topP: options.topP ?? standard.topP };
  const [alone, ...rows] = whole.map((row) => truncate(row, cut)) as [Float64Array, ...Float64Array[]]; // not empty
  const entropies = Float64Array.from(rows, rowEntropy);
  const combine = (without: Float64Array, within: readonly Float64Array[]) => {
    if (within.length === 0) return { scores: without };
    const pooled = poolRows(within, entropies, state, options);
    return { ...pooled, scores: against(pooled.row, without, beta) };
  };
  let made: Partial<Pooled> & { readonly scores: Float64Array } = combine(alone, rows);
  // A mean keeps only what no context drops, which may be nothing: then none may drop anything.
  if (!made.scores.some((score) => score > Number.NEGATIVE_INFINITY))
    made = combine(whole[0]!, whole.slice(1));
  const { scores, chosen, weights } = made;
  return { logProbabilities: logSoftmax(scores), scores, entropies, chosen, weights, state: { chosen } };
}

function poolRows(
  rows: readonly Float64Array[],
  entropies: Float64Array,
  { chosen: previous }: NbceState,
  { pool = standard.pool, eta = standard.eta, weights }: NbceOptions,
): Pooled {
  const total = weights?.reduce((sum, weight) => sum + weight, 0) ?? 1;
  const shares = weights && Float64Array.from(weights, (weight) => weight / total);
  return pools[pool].pool({ rows, entropies, previous, eta, weights: shares });
}

/** (1 + beta) pooled - beta alone; the pooled value as it is for tokens that are impossible without context. */
function against(pooled: Float64Array, alone: Float64Array, beta: number): Float64Array {
  return pooled.map((value, token) => {
    const prior = alone[token]!; // rows are alike
    return value === Number.NEGATIVE_INFINITY || prior <= LEAST ? value : (1 + beta) * value - beta * prior;
  });
}

/** @throws Error `nbce: rule, got value` */
export function checkOptions(options: NbceOptions, contexts: number): void {
  const { pool = standard.pool, beta = 0, eta = 0, topP = 1, topK = 1, weights } = options;
  if (contexts < 0) throw new Error("nbce: a row without context must come first, got no rows");
  if (!Object.hasOwn(pools, pool))
    throw new Error(`nbce: pool must be one of ${Object.keys(pools).join(", ")}, got "${pool}"`);
  if (!(beta >= -1 && beta < Number.POSITIVE_INFINITY))
    throw new Error(`nbce: beta must be a number of at least -1, got ${beta}`);
  if (!(eta >= 0)) throw new Error(`nbce: eta must be at least 0, got ${eta}`);
  if (!(topP > 0 && topP <= 1)) throw new Error(`nbce: topP must be in (0, 1], got ${topP}`);
  if (!(Number.isInteger(topK) && topK >= 1))
    throw new Error(`nbce: topK must be a whole number of at least 1, got ${topK}`);
  if (!weights) return;
  const sum = weights.reduce((a, b) => a + b, 0);
  if (
    weights.length !== contexts ||
    !weights.every((weight) => weight >= 0) ||
    !(sum > 0 && sum < Number.POSITIVE_INFINITY)
  )
    throw new Error(
      `nbce: weights must be ${contexts} numbers of at least 0, not all 0, got ${weights.join(", ")}`,
    );
}
