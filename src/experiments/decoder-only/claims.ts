// What `decoder-only` claims of matrices: determinants and ranks, which are algebra and decide, and collapse with depth.
import { fixed, mean, observe, where } from "../select";
import type { DirectionTrial, WeightsMetrics } from "./config";
import { SAME_STEPS } from "./grid";
import { rankClaims } from "./rank-claims";
import { ARTICLE, type DirectionClaim, metricsOf } from "./trials";

/** Up to so many tokens float64 finds the determinant again. */
const FEW = 32;

function few(trials: readonly DirectionTrial[]): WeightsMetrics[] {
  const found = trials.filter(({ config }) => config.tokens <= FEW);
  return metricsOf(found, "weights");
}

const determinant: DirectionClaim = {
  id: "determinant",
  statement:
    "Under a causal mask the weights have full rank: the determinant is the product of the diagonal, above 0.",
  source: ARTICLE,
  expected: `up to ${FEW} tokens elimination finds sum of ln a_ii within 1e-6 of it, and the sign +, every seed`,
  gate: "smoke",
  check(trials) {
    const found = few(trials);
    if (found.length === 0) return undefined;
    const worst = Math.max(
      ...found.map(({ eliminated, logDeterminant }) => Math.abs(eliminated / logDeterminant - 1)),
    );
    const signs = found.every(({ sign }) => sign === 1);
    return observe(
      `within ${worst.toExponential(1)}, ${signs ? "always +" : "not always +"}`,
      signs && worst <= 1e-6,
    );
  },
};

/** Of the values that forward substitution finds. */
const EXACT = 1e-8;

function recovered(tokens: number, told: Pick<DirectionClaim, "id" | "statement" | "gate">): DirectionClaim {
  return {
    ...told,
    source: ARTICLE,
    expected: `${tokens} tokens: within ${EXACT} of the values, every seed`,
    check(trials) {
      const found = metricsOf(trials, "weights", { tokens }).map((metrics) => metrics.recovered);
      if (found.length === 0) return undefined;
      const worst = Math.max(...found);
      return observe(`within ${worst.toExponential(1)}`, worst <= EXACT);
    },
  };
}

/** Of the rounding of outputs; substitution rounds on its way, too. */
const ROUNDINGS = 4;

const lostToRounding: DirectionClaim = {
  id: "values-lost-to-rounding",
  statement:
    "What does not come back is lost as soon as outputs are rounded: it is the condition of the matrix, and no other way to solve for the values finds more.",
  source: `${ARTICLE}; Higham 2002, Accuracy and Stability of Numerical Algorithms, section 8.1`,
  expected: `up to ${FEW} tokens: at most ${ROUNDINGS} u |A⁻¹| |A v|, u = 2⁻⁵³, every width and seed`,
  gate: "smoke",
  check(trials) {
    const found = few(trials);
    if (found.length === 0) return undefined;
    const worst = Math.max(...found.map(({ recovered, rounding }) => recovered / rounding));
    return observe(`at most ${worst.toFixed(2)} of it`, worst <= ROUNDINGS);
  },
};

const zeroScores: DirectionClaim = {
  id: "zero-scores",
  statement:
    "Of scores that are all zero, 8 tokens: the causal determinant is 1/8!, and seen from everywhere the rank is 1.",
  source: ARTICLE,
  expected: "2.480159e-5 to 1e-10, rank 1",
  gate: "smoke",
  check(trials) {
    const [found] = metricsOf(trials, "exact");
    if (!found) return undefined;
    const { zeroDeterminant, zeroRank } = found;
    return observe(
      `${zeroDeterminant.toExponential(6)}, rank ${zeroRank}`,
      Math.abs(zeroDeterminant - 1 / 40320) <= 1e-10 && zeroRank === 1,
    );
  },
};

const exponentialRaises: DirectionClaim = {
  id: "exponential-raises-rank",
  statement:
    "The rank of the scores bounds nothing: softmax of scores of rank 1 can have full rank (five sorted places).",
  source: `${ARTICLE}, against its conjecture taken as algebra; total positivity of e^(xy)`,
  expected: "scores of rank 1, weights of rank 5 with a determinant above 0",
  gate: "smoke",
  check(trials) {
    const [found] = metricsOf(trials, "exact");
    if (!found) return undefined;
    const { scoreRank, positiveRank, positiveSign } = found;
    return observe(
      `rank ${scoreRank}, then ${positiveRank}, sign ${positiveSign}`,
      scoreRank === 1 && positiveRank === 5 && positiveSign === 1,
    );
  },
};

const linearRank: DirectionClaim = {
  id: "linear-rank",
  statement: "Linear attention has no more rank than features, after its rows are divided by their sums too.",
  source: `${ARTICLE}; Su 2021, kexue.fm/archives/8338`,
  expected: "rank d of features e^x of d channels, every d and seed",
  gate: "smoke",
  check(trials) {
    const found = where(trials, { part: "weights" });
    if (found.length === 0) return undefined;
    const ranks = found.map(({ config, metrics }) => ({
      width: config.width,
      rank: (metrics as WeightsMetrics).linearRank, // of that part
    }));
    const shown = [...new Set(ranks.map(({ width, rank }) => `${rank} of ${width}`))];
    return observe(
      shown.join(", "),
      ranks.every(({ width, rank }) => rank === width),
    );
  },
};

const harness: DirectionClaim = {
  id: "prefix-of-one-is-gpt",
  statement:
    "The comparison changes the mask alone: UniLM with an input part that is read causally is GPT, loss by loss.",
  source: `${ARTICLE}, the controlled comparison`,
  expected: `losses of ${SAME_STEPS} steps within 1e-6 nats, every seed, while they fall`,
  gate: "smoke",
  check(trials) {
    const found = metricsOf(trials, "identity");
    if (found.length === 0) return undefined;
    const worst = Math.max(...found.map(({ difference }) => difference));
    const learned = found.every(({ firstLoss, lastLoss }) => lastLoss < firstLoss);
    return observe(
      `within ${worst === 0 ? 0 : worst.toExponential(1)}, from ${found[0]!.firstLoss.toFixed(3)} to ${found[0]!.lastLoss.toFixed(3)}`,
      learned && worst <= 1e-6,
    );
  },
};

const collapse: DirectionClaim = {
  id: "mask-slows-collapse",
  statement:
    "Attention alone, layer upon layer, makes all tokens one; a causal mask slows that down by orders of magnitude.",
  source: `${ARTICLE}; Dong et al. 2021, arXiv:2103.03404`,
  expected:
    "after 8 layers at most 1e-6 of a token is its own without a mask, at least 0.01 under it, every seed",
  gate: "smoke",
  check(trials) {
    const ends = (arm: string) => metricsOf(trials, "depth", { arm }).map(({ left }) => left.at(-1)!);
    const [free, masked] = [ends("bidirectional"), ends("causal")];
    if (free.length === 0 || masked.length === 0) return undefined;
    return observe(
      `at most ${Math.max(...free).toExponential(1)}; at least ${Math.min(...masked).toFixed(3)}`,
      Math.max(...free) <= 1e-6 && Math.min(...masked) >= 0.01,
    );
  },
};

const depthTable: DirectionClaim = {
  id: "collapse-layer-by-layer",
  statement: "How much of a token is its own falls layer by layer as it did when it was first computed.",
  source: `${ARTICLE}; Dong et al. 2021, arXiv:2103.03404; computed before for 64 tokens of 32 channels, weights not stated`,
  expected:
    "without a mask .824 .278 .0086 0 after layers 1 to 4, under it .858 .483 .405 .408 .359 .298 .179 .090, each within 0.15 of the mean",
  gate: "none",
  check(trials) {
    const layers = (arm: string) => metricsOf(trials, "depth", { arm }).map(({ left }) => left);
    const [free, masked] = [layers("bidirectional"), layers("causal")];
    if (free.length === 0 || masked.length === 0) return undefined;
    const means = (runs: readonly (readonly number[])[], count: number) =>
      Array.from({ length: count }, (_, layer) => mean(runs.map((left) => left[layer]!)));
    const close = (found: readonly number[], wanted: readonly number[]) =>
      found.every((value, i) => Math.abs(value - wanted[i]!) <= 0.15);
    const [a, b] = [means(free, 4), means(masked, 8)];
    const holds =
      close(a, [0.824, 0.278, 0.0086, 0]) &&
      close(b, [0.858, 0.483, 0.405, 0.408, 0.359, 0.298, 0.179, 0.09]);
    return observe(`${fixed(a, 3)}; ${fixed(b, 3)}`, holds);
  },
};

export const matrixClaims: readonly DirectionClaim[] = [
  determinant,
  recovered(16, {
    id: "values-come-back",
    statement:
      "What goes into causal attention can be computed from what comes out, token after token: its matrix has an inverse.",
    gate: "smoke",
  }),
  // One draw had 4e-12. Of thirty draws a head of 8 channels loses half of them to rounding: the condition is about 1e9 already.
  recovered(32, {
    id: "values-come-back-of-32",
    statement: "In float64 that goes as far as 32 tokens.",
    gate: "none",
  }),
  lostToRounding,
  zeroScores,
  exponentialRaises,
  linearRank,
  harness,
  collapse,
  ...rankClaims,
  depthTable,
];
