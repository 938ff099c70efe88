// How spread out attention is: the entropy of its rows in nats, in float64. 0 looks at one token; ln n looks at n alike.
import { log } from "../math/log";

/**
 * H = -sum_j p_j ln p_j of one row of attention weights, with 0 ln 0 = 0. The weights are taken as they are: nothing is
 * renormalised.
 *
 * @throws Error for a weight that is negative or not finite
 */
export function entropy(weights: ArrayLike<number>): number {
  return rowEntropy(weights, 0, weights.length);
}

/**
 * The entropy of each row of a [T, S] matrix of weights.
 *
 * @throws Error when the weights are not whole rows, or for a weight that is negative or not finite
 */
export function rowEntropies(weights: ArrayLike<number>, S: number): Float64Array {
  if (!(Number.isInteger(S) && S >= 1 && weights.length % S === 0)) {
    throw new Error(
      `entropy: weights must be whole rows of S >= 1, got ${weights.length} weights and S = ${S}`,
    );
  }
  return Float64Array.from({ length: weights.length / S }, (_, row) => rowEntropy(weights, row * S, S));
}

/** The mean of `rowEntropies`: one number for a head. NaN without rows. */
export function meanEntropy(weights: ArrayLike<number>, S: number): number {
  const rows = rowEntropies(weights, S);
  return rows.reduce((sum, value) => sum + value, 0) / rows.length;
}

/** How far the sum of a row may be from 1, and still be one of rounded shares. */
const ROUNDING = 1e-3;

/**
 * Rows of S weights as shares of their sum of magnitudes, for normalisers whose rows do not sum to one; rows that do, and rows of
 * nothing, are left as they are. NaN and infinity stay.
 */
export function asShares(weights: Float32Array, S: number): Float32Array {
  const shares = weights.slice();
  for (let start = 0; start < shares.length; start += S) {
    const row = shares.subarray(start, start + S);
    const sum = row.reduce((total, weight) => total + Math.abs(weight), 0);
    const ordinary = Math.abs(sum - 1) <= ROUNDING && row.every((weight) => weight >= 0);
    if (sum > 0 && !ordinary) row.set(row.map((weight) => Math.abs(weight) / sum));
  }
  return shares;
}

function rowEntropy(weights: ArrayLike<number>, start: number, count: number): number {
  let sum = 0;
  for (let j = start; j < start + count; j++) {
    const p = weights[j]!;
    if (!(p >= 0 && p < Number.POSITIVE_INFINITY)) {
      throw new Error(`entropy: weights must be finite and at least 0, got ${p} at ${j - start}`);
    }
    if (p > 0) sum -= p * log(p);
  }
  return sum;
}
