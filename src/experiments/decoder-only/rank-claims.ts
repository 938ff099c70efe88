// What `decoder-only` claims of effective ranks, and of what float64 makes of a rank that is full on paper.
import { meanInterval } from "../interval";
import { fixed, mean, observe } from "../select";
import type { DirectionTrial, WeightsMetrics } from "./config";
import { HEAD_WIDTHS, TOKENS } from "./grid";
import { ARTICLE, type DirectionClaim, metricsOf } from "./trials";

/** Computed once before, for n = 256: effective ranks, and how many singular values are above a millionth of the largest. */
const KNOWN = {
  bidirectional: [10.3, 29.4, 68.5, 109.9, 139.3, 156.5],
  causal: [57.6, 73.4, 88.9, 104.4, 107.4, 116.4],
  linearCausal: [39.0, 46.9, 54.3, 60.5, 58.1, 56.9],
  bidirectionalRank: [52, 208, 256, 256, 256, 256],
} as const;

function known(name: keyof typeof KNOWN, what: string): DirectionClaim {
  return {
    id: `rank-${name.replace(/[A-Z]/g, (capital) => `-${capital.toLowerCase()}`)}`,
    statement: `${what}, of ${TOKENS} tokens with Gaussian queries and keys, is what it was when it was first computed.`,
    source: `${ARTICLE}, the matrices that it speaks of`,
    expected: `${KNOWN[name].join(", ")} at ${HEAD_WIDTHS.join(", ")} channels: one draw, within 4 deviations of it and of the mean`,
    gate: "full",
    check(trials) {
      const columns = HEAD_WIDTHS.map((width) =>
        metricsOf(trials, "weights", { width, tokens: TOKENS }).map((metrics) => metrics[name]),
      );
      if (columns.some(({ length }) => length < 2)) return undefined;
      const holds = columns.every((values, i) => likely(KNOWN[name][i]!, values));
      return observe(fixed(columns.map(mean), 1), holds);
    },
  };
}

/** Whether one more draw could be `value`; draws that are whole numbers may all be the same. */
function likely(value: number, draws: readonly number[]): boolean {
  const centre = mean(draws);
  const variance = draws.reduce((sum, draw) => sum + (draw - centre) ** 2, 0) / (draws.length - 1);
  const allowed = 4 * Math.sqrt(variance * (1 + 1 / draws.length));
  return Math.abs(value - centre) <= Math.max(allowed, 1);
}

function wide(trials: readonly DirectionTrial[], width: number): WeightsMetrics[] {
  return metricsOf(trials, "weights", { width, tokens: TOKENS });
}

const orderTurns: DirectionClaim = {
  id: "effective-rank-turns",
  statement:
    "By effective rank the bidirectional matrix is the poorer one for narrow heads, and the richer one from 16 channels on.",
  source: `own, against ${ARTICLE}: singular values do not bear the conjecture out`,
  expected: "causal above bidirectional up to 8 channels, below from 16, every seed",
  gate: "full",
  check(trials) {
    const rows = HEAD_WIDTHS.map((width) => ({ width, found: wide(trials, width) }));
    if (rows.some(({ found }) => found.length === 0)) return undefined;
    const holds = rows.every(({ width, found }) =>
      found.every(({ causal, bidirectional }) => causal > bidirectional === width < 16),
    );
    const shown = rows.map(
      ({ width, found }) =>
        `${width}: ${mean(found.map(({ causal }) => causal)).toFixed(0)} and ${mean(found.map(({ bidirectional }) => bidirectional)).toFixed(0)}`,
    );
    return observe(shown.join(", "), holds);
  },
};

const nearlySingular: DirectionClaim = {
  id: "full-rank-on-paper",
  statement:
    "The full rank is algebra and no number: in float64 the causal matrix of 256 tokens is singular, and elimination gets its determinant wrong.",
  source: "own; what follows for tests is to use the diagonal",
  expected: "condition at least 1e15 and ln |det| off by more than 10, every width and seed",
  gate: "full",
  check(trials) {
    const found = HEAD_WIDTHS.flatMap((width) => wide(trials, width));
    if (found.length === 0) return undefined;
    const least = Math.min(...found.map(({ condition }) => condition));
    const off = found.map(({ eliminated, logDeterminant }) => Math.abs(eliminated - logDeterminant));
    const wrong = found.filter(({ sign }) => sign !== 1).length;
    const diagonal = meanInterval(found.map(({ logDeterminant }) => logDeterminant)).mean;
    return observe(
      `condition at least 1e${least.toFixed(1)}, off by ${Math.min(...off).toFixed(0)} to ${Math.max(...off).toFixed(0)} of ${diagonal.toFixed(0)}, ${wrong} of ${found.length} signs wrong`,
      least >= 15 && Math.min(...off) > 10,
    );
  },
};

export const rankClaims: readonly DirectionClaim[] = [
  known("bidirectional", "The effective rank of softmax of everything"),
  known("causal", "The effective rank of softmax of the past"),
  known("linearCausal", "The effective rank of linear attention of the past"),
  known("bidirectionalRank", "The number of singular values above a millionth of the largest"),
  orderTurns,
  nearlySingular,
];
