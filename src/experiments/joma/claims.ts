// What `joma` claims: the numbers of the toy, the law of linear units, and how well the invariants hold.
import type { Claim, Grid } from "../experiment";
import { each, falling, fixed, observe, where, within } from "../select";
import type { InvariantMetrics } from "./invariants";
import type { JomaConfig, JomaMetrics, JomaTrial, LawMetrics, ToyMetrics } from "./run";

type JomaClaim = Claim<JomaConfig, JomaMetrics>;

const PAPER = "Tian et al. 2024, arXiv:2310.00535";

export const random: JomaConfig = { part: "toy", data: "random", rate: 0.02, steps: 5000 };
export const even: JomaConfig = { ...random, data: "even" };
export const whole: JomaConfig = { part: "toy-exp", data: "whole", rate: 1e-3, steps: 5000 };
export const linear: JomaConfig = { ...whole, part: "toy-linear" };
export const laws: readonly JomaConfig[] = ["whole", "random"].map((data) => ({
  part: "erf-law",
  data,
  rate: 2.5e-4,
  steps: 20000,
}));
const exact: readonly JomaConfig[] = [
  { part: "invariant-exp", data: "gaussian", rate: 0.1, steps: 250 },
  { part: "invariant-linear", data: "gaussian", rate: 0.2, steps: 250 },
];
export const gaussian: JomaConfig = { part: "invariant-softmax", data: "gaussian", rate: 0.1, steps: 2000 };
export const uniform: JomaConfig = { ...gaussian, data: "uniform" };

const small = [random, even, whole, linear, ...laws, ...exact];
export const jomaGrid: Readonly<Record<"smoke" | "full", Grid<JomaConfig>>> = {
  smoke: { configs: small, seeds: [0], budgetSeconds: 4 },
  full: { configs: [...small, gaussian, uniform], seeds: [0, 1, 2], budgetSeconds: 30 },
};

const rebound: JomaClaim = {
  id: "sparse-then-dense",
  statement:
    "With nonlinear units attention first grows sparse, as strong tokens are learned first, and then denser again.",
  source: `${PAPER}, theorem 4 and figure 4`,
  expected: "random mu: entropy falls from 2.3026 by at least 30 %, and 10 % of that comes back, every seed",
  gate: "smoke",
  check(trials) {
    const runs = where(trials, random).map(({ metrics }) => toyOf(metrics));
    if (runs.length === 0) return undefined;
    const holds = runs.every(({ startEntropy, leastEntropy, finalEntropy }) => {
      const drop = startEntropy - leastEntropy;
      return (
        Math.abs(startEntropy - Math.LN10) < 1e-4 &&
        drop >= 0.3 * startEntropy &&
        finalEntropy - leastEntropy >= 0.1 * drop
      );
    });
    const shown = runs.map(
      (run) => `${run.leastEntropy.toFixed(3)} at ${run.leastStep}, then ${run.finalEntropy.toFixed(3)}`,
    );
    return observe(shown.join("; "), holds);
  },
};

const knownToy: JomaClaim = {
  id: "figure-4",
  statement:
    "The toy of figure 4 has one path: tokens arrive in the order of their strength, the entropy dips between.",
  source: `${PAPER}, figure 4 (its code's update)`,
  expected:
    "mu 1 to 4: least .54939 at step 621; .6282 .6563 .9569 1.1950 at 500, 1000, 2000, 4999; 90 % of mu reached at 427, 1274, 2766, 4855 (one step of slack)",
  gate: "smoke",
  check(trials) {
    const run = each(trials, [even])?.map(toyOf)[0];
    if (!run) return undefined;
    const reached = run.arrivals.filter((step) => step >= 0).reverse();
    const holds =
      Math.abs(run.leastEntropy - 0.54939) < 1e-4 &&
      run.leastStep === 621 &&
      within(run.entropyAt, [0.6282, 0.6563, 0.9569, 1.195], 1e-4) &&
      within(reached, [427, 1274, 2766, 4855], 1);
    return observe(
      `${run.leastEntropy.toFixed(5)} at ${run.leastStep}; ${fixed(run.entropyAt, 4)}; ${reached.join(", ")}`,
      holds,
    );
  },
};

const knownExp: JomaClaim = {
  id: "exp-attention",
  statement: "With exponential attention as in the theorem, the order and the dip are the same.",
  source: `${PAPER}, theorem 4`,
  expected: "mu 1, 2, 3: 90 % at 1818, 1086, 613 (one step of slack); entropy 1.0986, .174 at 670, then .349",
  gate: "smoke",
  check(trials) {
    const run = each(trials, [whole])?.map(toyOf)[0];
    if (!run) return undefined;
    const holds =
      within(run.arrivals, [1818, 1086, 613], 1) &&
      falling(run.arrivals) &&
      within([run.startEntropy, run.leastEntropy, run.finalEntropy], [1.0986, 0.174, 0.349], 1e-3) &&
      run.leastStep === 670;
    return observe(
      `${run.arrivals.join(", ")}; ${run.leastEntropy.toFixed(3)} at ${run.leastStep}, then ${run.finalEntropy.toFixed(3)}`,
      holds,
    );
  },
};

const linearBlowsUp: JomaClaim = {
  id: "linear-stays-sparse",
  statement: "Without the nonlinearity the strongest token runs away and attention stays at it: no rebound.",
  source: `${PAPER}, theorem 3`,
  expected:
    "ended by its blow-up before step 450, entropy lowest at the end, the others as far as their share of mu",
  gate: "smoke",
  check(trials) {
    const run = each(trials, [linear])?.map(toyOf)[0];
    if (!run) return undefined;
    const [slow, middle] = run.final as readonly [number, number, number]; // three components
    const holds =
      run.lastStep < 450 && run.finalEntropy === run.leastEntropy && within([slow, middle], [0.47, 1], 0.02);
    return observe(`blew up at ${run.lastStep}, v ${fixed(run.final, 2)}`, holds);
  },
};

const erfLaw: JomaClaim = {
  id: "erf-law",
  statement: "Linear units obey a law: erf(v/sqrt 2)/Delta is the same for all tokens at all times.",
  source: `${PAPER}, theorem 3`,
  expected: "equal to 1e-5, every seed; erf(v/2)/Delta, which is also to be read, is not",
  gate: "smoke",
  check(trials) {
    const runs = laws.flatMap((config) => where(trials, config)).map(({ metrics }) => metrics as LawMetrics); // of this part
    if (runs.length === 0) return undefined;
    const worst = Math.max(...runs.map(({ spread }) => spread));
    const other = Math.min(...runs.map(({ otherSpread }) => otherSpread));
    return observe(
      `within ${worst.toExponential(1)}; the other differs by ${other.toFixed(2)}`,
      worst < 1e-5 && other > 0.1,
    );
  },
};

const invariants: JomaClaim = {
  id: "invariants",
  statement:
    "Attention is a function of the weights above it: z - 1/2 sum v^2 (exp) and z^2 - sum v^2 (linear) do not move.",
  source: `${PAPER}, theorem 1`,
  expected: "within 1e-6 while z moves by more than 0.5, every token, every seed",
  gate: "smoke",
  check(trials) {
    const runs = exact.map((config) => where(trials, config).map(({ metrics }) => invariantOf(metrics)));
    if (runs.some((seeds) => seeds.length === 0)) return undefined;
    const all = runs.flat();
    const drift = Math.max(...all.map((run) => run.drift));
    const moved = Math.min(...all.map((run) => run.moved));
    return observe(
      `within ${drift.toExponential(1)}, z moved by ${moved.toFixed(1)} at least`,
      drift < 1e-6 && moved > 0.5,
    );
  },
};

const NEAR = 0.9;

const softmaxEstimate: JomaClaim = {
  id: "softmax-estimate",
  statement: "Under softmax attention z follows (1/2 sum v^2 - 1/2 ||W||^2 b)/tau, which is no longer exact.",
  source: `${PAPER}, theorem 1 and figure 2`,
  expected: `Gaussian counts: correlation over tokens at least ${NEAR} at the end, every seed`,
  gate: "full",
  check: (trials) => correlations(trials, gaussian),
};

const softmaxUniform: JomaClaim = {
  ...softmaxEstimate,
  id: "softmax-estimate-uniform",
  statement: "The same for counts without structure.",
  source: `${PAPER}, figure 3`,
  expected: `uniform counts: correlation over tokens at least ${NEAR} at the end, every seed`,
  gate: "none",
  check: (trials) => correlations(trials, uniform),
};

export const jomaClaims: readonly JomaClaim[] = [
  rebound,
  knownToy,
  knownExp,
  linearBlowsUp,
  erfLaw,
  invariants,
  softmaxEstimate,
  softmaxUniform,
];

function correlations(trials: readonly JomaTrial[], config: JomaConfig) {
  const runs = where(trials, config).map(({ metrics }) => invariantOf(metrics));
  if (runs.length === 0) return undefined;
  const final = runs.map(({ finalCorrelation }) => finalCorrelation);
  const first = runs.map(({ firstTermCorrelation }) => firstTermCorrelation);
  return observe(`${fixed(final, 3)}; the first term alone ${fixed(first, 3)}`, Math.min(...final) >= NEAR);
}

/** The metrics of a part are of its own kind: run.ts makes them. */
export function toyOf(metrics: JomaMetrics): ToyMetrics {
  return metrics as ToyMetrics;
}

export function invariantOf(metrics: JomaMetrics): InvariantMetrics {
  return metrics as InvariantMetrics;
}
