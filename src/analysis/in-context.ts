// In-context learning, measured as Olsson et al. 2022 (arXiv:2209.11895) do: how much easier tokens are late in a sequence than early in
// it. Losses are in nats, [N, T] in row-major order: at index i of a row stands what predicting token i + 1 from tokens 0 .. i cost.
import { log } from "../math/log";

export interface Indices {
  /** Index of an early token, with some context. The paper's is 50, of 512. */
  readonly early: number;
  /** Index of a late one. The paper's is 500. */
  readonly late: number;
}

/**
 * Mean loss at `late` minus mean loss at `early`, in nats: the more negative, the more is learned in context.
 * @throws Error unless the losses are whole rows and both indices lie in them
 */
export function inContextScore(losses: ArrayLike<number>, T: number, { early, late }: Indices): number {
  const byIndex = lossByIndex(losses, T);
  for (const index of [early, late]) {
    if (!(Number.isInteger(index) && index >= 0 && index < T))
      throw new Error(`inContextScore: indices must be 0..${T - 1}, got early ${early} and late ${late}`);
  }
  return byIndex[late]! - byIndex[early]!;
}

/**
 * The mean over rows of the loss at each index, [T].
 * @throws Error unless the losses are whole rows, at least one
 */
export function lossByIndex(losses: ArrayLike<number>, T: number): Float64Array {
  const rows = losses.length / T;
  if (!(Number.isInteger(T) && Number.isInteger(rows) && rows >= 1))
    throw new Error(`lossByIndex: losses must be rows of T, got ${losses.length} losses and T = ${T}`);
  const sums = new Float64Array(T);
  for (let at = 0; at < losses.length; at++) sums[at % T]! += losses[at]!;
  return sums.map((sum) => sum / rows);
}

/**
 * d loss / d ln(tokens of context) between neighbouring indices, [T - 1]: index i has seen i + 1 tokens. Negative where context still
 * helps; the paper's figure of training steps against token index shows this.
 */
export function lossSlope(byIndex: ArrayLike<number>): Float64Array {
  return Float64Array.from(
    { length: Math.max(0, byIndex.length - 1) },
    (_, i) => (byIndex[i + 1]! - byIndex[i]!) / (log(i + 2) - log(i + 1)),
  );
}

/**
 * The log-likelihood in nats of one token per row, [N]: a snapshot of a model as a point, for `principalComponents` over many snapshots.
 * @param indices of the token in each row
 * @throws Error unless there is an index of 0 .. T - 1 for every row
 */
export function tokenLikelihoods(
  losses: ArrayLike<number>,
  T: number,
  indices: ArrayLike<number>,
): Float64Array {
  if (losses.length !== indices.length * T)
    throw new Error(
      `tokenLikelihoods: losses must be [N, T] for N indices, got ${losses.length} losses, T = ${T} and ${indices.length} indices`,
    );
  return Float64Array.from({ length: indices.length }, (_, row) => {
    const index = indices[row]!;
    if (!(Number.isInteger(index) && index >= 0 && index < T))
      throw new Error(`tokenLikelihoods: indices must be 0..${T - 1}, got ${index} for row ${row}`);
    return -losses[row * T + index]!;
  });
}
