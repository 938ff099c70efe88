// How the rows of several contexts become one (Su 2023, kexue.fm/archives/9617 and 9632). A row is log p(T | S_k) of all tokens.
import { exp } from "../math/exp";

export interface PoolInputs {
  /** One row for each context, at least one. */
  readonly rows: readonly Float64Array[];
  readonly entropies: Float64Array;
  /** The context chosen before. */
  readonly previous: number | undefined;
  /** How much less unsure another context must be to be chosen instead. */
  readonly eta: number;
  /** Shares that the caller wants, summing to one. */
  readonly weights: Float64Array | undefined;
}

export interface Pooled {
  readonly row: Float64Array;
  /** The one context that speaks, where it is one. */
  readonly chosen?: number;
  /** The share of each context, where the row is a weighted mean. */
  readonly weights?: Float64Array;
}

export interface Pool {
  readonly what: string;
  pool(inputs: PoolInputs): Pooled;
}

export const pools = {
  "min-entropy": {
    what: "the least unsure context; the one chosen before keeps its place unless another is less unsure by eta",
    pool({ rows, entropies, previous, eta }) {
      const biased = entropies.map((entropy, k) => (k === previous ? entropy - eta : entropy));
      const chosen = biased.reduce((best, entropy, k) => (entropy < biased[best]! ? k : best), 0);
      return { row: rows[chosen]!, chosen };
    },
  },
  mean: {
    what: "the mean of the logarithms: with beta = n - 1 naive Bayes itself",
    pool: ({ rows }) => weightedMean(rows, new Float64Array(rows.length).fill(1 / rows.length)),
  },
  max: {
    what: "for each token the context that finds it likeliest",
    pool: ({ rows: [first, ...others] }) => ({
      row: others.reduce((most, row) => most.map((value, token) => Math.max(value, row[token]!)), first!), // at least one
    }),
  },
  weighted: {
    what: "a weighted mean: by the weights given, or by e^-entropy",
    pool: ({ rows, entropies, weights }) => weightedMean(rows, weights ?? certainty(entropies)),
  },
} as const satisfies Record<string, Pool>;

export type PoolName = keyof typeof pools;

/** A row of weight 0 has no say: its impossible tokens stay possible. */
function weightedMean(rows: readonly Float64Array[], weights: Float64Array): Pooled {
  const row = new Float64Array(rows[0]!.length); // at least one
  for (const [k, values] of rows.entries()) {
    const weight = weights[k]!; // one for each row
    if (weight === 0) continue;
    for (let token = 0; token < row.length; token++) row[token]! += weight * values[token]!;
  }
  return { row, weights };
}

function certainty(entropies: Float64Array): Float64Array {
  const least = entropies.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const shares = entropies.map((entropy) => exp(least - entropy));
  const total = shares.reduce((a, b) => a + b, 0);
  return shares.map((share) => share / total);
}
