// Whether a matrix over tokens raises what it reads: of a head's W_E OV W_U, copying; of W_E QK W_E^T, looking for the same token.
import type { FactoredMatrix } from "./factored";
import { type Complex, magnitude } from "./spectrum";

/**
 * Re(sum of eigenvalues) / sum of their magnitudes, from -1 to 1: 1 where all are positive ("copying"), near 0 for random weights, 0 for
 * none.
 *
 * A matrix that is far from normal may have positive eigenvalues alone and still lower the own logit of some tokens: look at
 * `diagonalStatistics`, too. The sum is the trace, so the sign of the ratio is that of the mean own logit (Elhage et al. 2021).
 */
export function eigenRatio(eigenvalues: readonly Complex[]): number {
  const whole = eigenvalues.reduce((sum, value) => sum + magnitude(value), 0);
  return whole === 0 ? 0 : eigenvalues.reduce((sum, { re }) => sum + re, 0) / whole;
}

export interface DiagonalStatistics {
  readonly meanDiagonal: number;
  /** NaN for a single token. */
  readonly meanOffDiagonal: number;
  /** Share of rows whose largest entry is on the diagonal: tokens that raise their own logit most. Ties count for the diagonal. */
  readonly ownLargest: number;
}

/**
 * The diagonal of a circuit over tokens against the rest of it. Makes one row at a time.
 * @throws Error unless square
 */
export function diagonalStatistics(circuit: FactoredMatrix): DiagonalStatistics {
  const V = circuit.rows;
  const trace = circuit.trace();
  let own = 0;
  for (let token = 0; token < V; token++) {
    const row = circuit.row(token);
    if (row.every((value) => value <= row[token]!)) own += 1;
  }
  return {
    meanDiagonal: trace / V,
    meanOffDiagonal: (circuit.total() - trace) / (V * V - V),
    ownLargest: own / V,
  };
}

export interface CopyingSample {
  /** Token of each position, BOS first. The tokens after it are distinct. */
  readonly tokens: ArrayLike<number>;
  /** Attention of the head, [T, T]. */
  readonly pattern: ArrayLike<number>;
  /** What the head would add to the logits from each position, v_j W_O W_U: [T, V]. */
  readonly effects: (position: number) => Float64Array;
}

/**
 * The copying score of Olsson et al. 2022 (arXiv:2209.11895), on tokens that do not repeat: does attending to a token raise it more than
 * the other tokens of the sample? The effect of position j on the logits is centred over the vocabulary and cut off below 0, e_j;
 *
 *     ratio_j = e_j[own token] / (e_j[own token] + sum over the sample's tokens of e_j),  score = 4 mean(ratio) - 1
 *
 * where the mean is over sources weighted by the attention that they get, BOS left out. The paper gives the range of the ratio, 0 to 1/2,
 * and of the score, -1 to 1; this formula is the one that has them. A head that raises all n tokens alike scores 4/(n + 1) - 1. A
 * position whose effect raises no token of the sample has ratio 0. To score by the source of most attention instead would judge induction
 * heads by BOS, where they rest on such tokens.
 *
 * @throws Error unless the pattern is [T, T] for T >= 2 tokens, or when nothing but BOS is attended to
 */
export function copyingScore({ tokens, pattern, effects }: CopyingSample): number {
  const T = tokens.length;
  if (!(T >= 2 && pattern.length === T * T))
    throw new Error(
      `copyingScore: a pattern must be [T, T] for T >= 2 tokens, got ${pattern.length} weights for ${T}`,
    );
  let [sum, weight] = [0, 0];
  for (let source = 1; source < T; source++) {
    let attention = 0;
    for (let query = source; query < T; query++) attention += pattern[query * T + source]!;
    sum += attention * ownShare(effects(source), tokens, source);
    weight += attention;
  }
  if (!(weight > 0)) throw new Error("copyingScore: some token after BOS must be attended to, got none");
  return (4 * sum) / weight - 1;
}

function ownShare(effect: Float64Array, tokens: ArrayLike<number>, source: number): number {
  const mean = effect.reduce((sum, value) => sum + value, 0) / effect.length;
  const raised = (token: number) => Math.max(0, effect[token]! - mean);
  let all = 0;
  for (let at = 1; at < tokens.length; at++) all += raised(tokens[at]!);
  const own = raised(tokens[source]!);
  return all === 0 ? 0 : own / (own + all);
}
