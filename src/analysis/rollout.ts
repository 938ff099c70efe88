// Attention rollout (Abnar & Zuidema 2020, arXiv:2005.00928): where a token's information may have come from, if attention were all that moves it and the
// residual stream carried half of every token along. A heuristic: it knows nothing of values, and takes all heads of a layer for alike.
import { type Matrix, matrix, product } from "./matrix";
import type { AttentionPattern } from "./probe";

/** How far the sum of a row may be from 1, and still be one of rounded shares. */
const ROUNDING = 1e-3;

/**
 * R = A_L ... A_1 with A_l = (I + mean over heads of the weights of layer l) / 2: [T, T], rows sum to 1. The identity without layers.
 *
 * @param T tokens
 * @throws Error for patterns that are not [T, T], and for rows that are no shares
 */
export function attentionRollout(patterns: readonly AttentionPattern[], T: number): Matrix {
  const layers = [...new Set(patterns.map(({ layer }) => layer))].sort((a, b) => a - b);
  const identity = matrix(T, T);
  for (let i = 0; i < T; i++) identity.values[i * T + i] = 1;
  return layers.reduce((rollout, layer) => {
    const heads = patterns.filter((pattern) => pattern.layer === layer);
    const carried = matrix(
      T,
      T,
      identity.values.map((own) => own / 2),
    );
    for (const pattern of heads) {
      expectShares(pattern, T);
      for (let i = 0; i < T * T; i++) carried.values[i]! += pattern.weights[i]! / (2 * heads.length);
    }
    return product(carried, rollout);
  }, identity);
}

function expectShares({ layer, head, weights }: AttentionPattern, T: number): void {
  if (weights.length !== T * T)
    throw new Error(
      `rollout: patterns must be [${T}, ${T}], L${layer}H${head} has ${weights.length} weights`,
    );
  for (let row = 0; row < T; row++) {
    const sum = weights.subarray(row * T, (row + 1) * T).reduce((total, weight) => total + weight, 0);
    if (!(Math.abs(sum - 1) <= ROUNDING))
      throw new Error(
        `rollout: rows of weights must sum to 1, row ${row} of L${layer}H${head} sums to ${sum}; make shares of them first`,
      );
  }
}
