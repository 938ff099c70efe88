// Rows of log-probabilities in float64: from logits, cut to their likeliest tokens, and how unsure they are.
import { exp } from "../math/exp";
import { log } from "../math/log";

/**
 * logits - ln sum exp(logits). Logits of -infinity are tokens that cannot be.
 * @throws Error for NaN or +infinity, and for a row in which no token can be
 */
export function logSoftmax(logits: ArrayLike<number>): Float64Array {
  let most = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < logits.length; i++) {
    const logit = logits[i]!;
    if (!(logit < Number.POSITIVE_INFINITY))
      throw new Error(`nbce: logits must be numbers below infinity, got ${logit} for token ${i}`);
    if (logit > most) most = logit;
  }
  if (most === Number.NEGATIVE_INFINITY)
    throw new Error(`nbce: a row must have a finite logit, got none of ${logits.length}`);
  let sum = 0;
  for (let i = 0; i < logits.length; i++) sum += exp(logits[i]! - most);
  const total = most + log(sum);
  return Float64Array.from(logits, (logit) => logit - total);
}

export interface Truncation {
  /** Only the k likeliest tokens, and those that are as likely as the last of them. */
  readonly topK?: number | undefined;
  /** Without the least likely tokens whose probabilities sum to at most 1 - p; the likeliest always stays. */
  readonly topP?: number | undefined;
}

/** The row with -infinity for tokens that are dropped; nothing is renormalised. First k, then p of what is left. */
export function truncate(row: Float64Array, { topK, topP }: Truncation): Float64Array {
  const kept = topK === undefined || topK >= row.length ? row : atLeast(row, kthLargest(row, topK));
  return topP === undefined || topP === 1 ? kept : nucleus(kept, topP);
}

/** H = -sum p ln p of a row of log-probabilities as they are, each counted as at least e^-100. */
export function rowEntropy(row: Float64Array): number {
  let sum = 0;
  for (const value of row) sum -= exp(value) * Math.max(value, LEAST);
  return sum;
}

/** The logarithm below which the reference implementation (bojone/NBCE) takes a token for impossible. */
export const LEAST = -100;

function kthLargest(row: Float64Array, k: number): number {
  return row.toSorted()[row.length - k]!; // k is below the length
}

function atLeast(row: Float64Array, least: number): Float64Array {
  return row.map((value) => (value < least ? Number.NEGATIVE_INFINITY : value));
}

/** Drops in ascending order while the sum is at most 1 - p, of the tokens that are left. */
function nucleus(row: Float64Array, p: number): Float64Array {
  const total = row.reduce((sum, value) => sum + exp(value), 0);
  const spare = (1 - p) * total;
  // All tokens that are less likely than an even share of what is dropped go: only the few others need an order.
  const even = log(spare / row.length);
  const rest: number[] = [];
  let dropped = 0;
  for (const [token, value] of row.entries()) {
    if (value < even) dropped += exp(value);
    else rest.push(token);
  }
  rest.sort((a, b) => row[a]! - row[b]! || b - a);
  let from = 0;
  while (from < rest.length - 1) {
    dropped += exp(row[rest[from]!]!); // from is below the length
    if (dropped > spare) break;
    from += 1;
  }
  const kept = new Float64Array(row.length).fill(Number.NEGATIVE_INFINITY);
  for (const token of rest.slice(from)) kept[token] = row[token]!; // token is of the row
  return kept;
}
