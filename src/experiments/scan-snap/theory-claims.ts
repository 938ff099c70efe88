// What `scan-snap-theory` claims: the exact statements at random points, the closed forms at known values, the theorems along a path.
import { exp } from "../../math/exp";
import type { Claim } from "../experiment";
import { each, falling, fixed, observe, rising, where, within } from "../select";
import { BOTH_RATES, ETA_Y_ONLY, FIGURE_3, FIGURE_8, FIGURE_9, THEOREM_3 } from "./theory-grid";
import type { Path, TheoryConfig, TheoryMetrics } from "./theory-run";

type TheoryClaim = Claim<TheoryConfig, TheoryMetrics>;

const PAPER = "Tian et al. 2023, arXiv:2305.16380";

const gradient: TheoryClaim = {
  id: "gradient",
  statement: "The gradients of the one-layer model are those of lemma 1.",
  source: `${PAPER}, lemma 1`,
  expected: "within 1e-7 of central differences at random weights, every trial",
  gate: "smoke",
  check(trials) {
    const worst = Math.max(...trials.map(({ metrics }) => metrics.gradientError));
    return trials.length === 0 ? undefined : observe(`within ${worst.toExponential(1)}`, worst < 1e-7);
  },
};

const decoder: TheoryClaim = {
  id: "decoder-path",
  statement: "Where classes do not overlap, the decoder walks h* exactly.",
  source: `${PAPER}, lemma 5`,
  expected: "F^T Y within 1e-12 of (M-1) h* zeta after 60 steps, every trial",
  gate: "smoke",
  check(trials) {
    const worst = Math.max(...trials.map(({ metrics }) => metrics.decoderError));
    return trials.length === 0 ? undefined : observe(`within ${worst.toExponential(1)}`, worst < 1e-12);
  },
};

/** h* and h by M, for the rates of figure 8. */
const KNOWN_H = {
  50: {
    tolerance: 1e-5,
    discrete: [0.1011, 0.1246, 0.14855, 0.16437, 0.1793],
    limit: [0.10076, 0.12416, 0.14803, 0.16377, 0.17862],
  },
  1000: {
    tolerance: 1e-6,
    discrete: [0.008626, 0.010154, 0.01102, 0.0118, 0.012541],
    limit: [0.008597, 0.010122, 0.010986, 0.011762, 0.012497],
  },
};

const closedForm: TheoryClaim = {
  id: "figure-8",
  statement: "The continuous h follows the discrete h* of the decoder, always below it.",
  source: `${PAPER}, theorem 5 and figure 8`,
  expected: "known values within 1e-5 (M 50) and 1e-6 (M 1000); 0 <= h* - h <= 2 etaY/M at every visit",
  gate: "smoke",
  check(trials) {
    const holds = ([50, 1000] as const).map((tokens) => {
      const runs = each(
        trials,
        FIGURE_8.filter((config) => config.tokens === tokens),
      );
      if (!runs) return undefined;
      const { tolerance, discrete, limit } = KNOWN_H[tokens];
      return (
        within(
          runs.map((run) => run.hDiscrete),
          discrete,
          tolerance,
        ) &&
        within(
          runs.map((run) => run.h),
          limit,
          tolerance,
        ) &&
        runs.every(({ gapLow, gapHigh }) => gapLow >= -1e-12 && gapHigh <= 1)
      );
    });
    if (holds.includes(undefined)) return undefined;
    const gaps = FIGURE_8.map((config) => where(trials, config)[0]!.metrics.gapHigh);
    return observe(
      `gap at most ${Math.max(...gaps).toFixed(2)} of its bound`,
      holds.every((one) => one),
    );
  },
};

const KNOWN_B = {
  100: { atSnap: 0.5556, atEnd: [0.62, 0.671, 0.713, 0.749, 0.783] },
  10000: { atSnap: 1.4025, atEnd: [1.408, 1.45, 1.481, 1.509, 1.533] },
};

const sharedBound: TheoryClaim = {
  id: "figure-9",
  statement:
    "At t0 attention has come equally far whatever the rates, if their ratio is the same; later it moves as ln ln t.",
  source: `${PAPER}, theorem 4 (with B_n(0) = 0) and figure 9`,
  expected:
    "B_n(t0) equal over etaZ to 1e-9 and .5556 (nu 10, M 100), 1.4025 (nu 1, M 10000); B_n at the end within 2e-3 of known values",
  gate: "smoke",
  check(trials) {
    const groups = ([100, 10000] as const).map((tokens) => ({
      known: KNOWN_B[tokens],
      runs: each(
        trials,
        FIGURE_9.filter((config) => config.tokens === tokens),
      ),
    }));
    if (groups.some(({ runs }) => !runs)) return undefined;
    const holds = groups.every(({ known, runs }) => {
      const atSnap = runs!.map((run) => run.boundAtSnap); // there are some
      const spread = Math.max(...atSnap) - Math.min(...atSnap);
      const near = Math.abs(atSnap[0]! - known.atSnap) <= 1e-4;
      return (
        spread <= 1e-9 &&
        near &&
        within(
          runs!.map((run) => run.boundAtEnd),
          known.atEnd,
          2e-3,
        )
      );
    });
    return observe(groups.map(({ runs }) => runs![0]!.boundAtSnap.toFixed(4)).join(", "), holds);
  },
};

const LANDMARKS = [
  { config: FIGURE_3[0]!, peakX: 5.421, peakTime: 112.8, peakGamma: 4.416, halfTime: 157.96 },
  { config: THEOREM_3[2]!, peakX: undefined, peakTime: 6.55, peakGamma: 1.815, halfTime: 8.67 },
];

const landmarks: TheoryClaim = {
  id: "landmarks",
  statement: "Attention is fastest, and labels are known by half, at times that have closed forms.",
  source: "own, derived from theorem 5 of Tian et al. 2023, arXiv:2305.16380",
  expected:
    "(M 1000, K 10, etaY .5): x 5.421, t 112.8, gamma 4.416, half at 157.96; (34, 2, 1): 6.55, 1.815, 8.67; within 0.1 %",
  gate: "smoke",
  check(trials) {
    const runs = each(
      trials,
      LANDMARKS.map(({ config }) => config),
    );
    if (!runs) return undefined;
    const errors = LANDMARKS.flatMap((known, i) =>
      (["peakX", "peakTime", "peakGamma", "halfTime"] as const).flatMap((name) => {
        const wanted = known[name];
        return wanted === undefined ? [] : [Math.abs(runs[i]![name] / wanted - 1)];
      }),
    );
    const worst = Math.max(...errors);
    return observe(`within ${(100 * worst).toFixed(3)} %`, worst <= 1e-3);
  },
};

const growth: TheoryClaim = {
  id: "figure-3",
  statement: "A slower decoder turns later and takes attention farther.",
  source: `${PAPER}, figure 3 (its absolute scale is not stated)`,
  expected: "e^(2 B) at t = 700 falls with etaY: 45.2, 34.7, 26.3, 18.0 within 1 %, and t0 with it",
  gate: "smoke",
  check(trials) {
    const runs = each(trials, FIGURE_3);
    if (!runs) return undefined;
    const grown = runs.map(({ boundAtEnd }) => exp(2 * boundAtEnd));
    const near = [45.2, 34.7, 26.3, 18.0].every((value, i) => Math.abs(grown[i]! / value - 1) <= 0.01);
    return observe(fixed(grown, 1), near && falling(grown) && falling(runs.map((run) => run.snapTime)));
  },
};

/** chi of the most frequent token and B_n at t = 100 and 400. */
const KNOWN_PATHS = [
  { chi: [1.191, 1.221], bound: [0.183, 0.207] },
  { chi: [2.939, 3.329], bound: [1.175, 1.273] },
  { chi: [3.47, 4.85], bound: [4.529, 5.087] },
];

const theorems: TheoryClaim = {
  id: "theorems-2-and-3",
  statement:
    "With the decoder where the theory has it, distinct tokens rise, common ones fall, and gains grow as r(0) chi within their bounds.",
  source: `${PAPER}, theorems 2 and 3`,
  expected:
    "|r/(r(0) chi) - 1| below 1e-6, no time out of bounds, no token the wrong way; chi and B_n at t = 100, 400 within 1 % of known values",
  gate: "smoke",
  check(trials) {
    const paths = pathsOf(trials, THEOREM_3);
    if (!paths) return undefined;
    const worst = Math.max(...paths.map(({ gainError }) => gainError));
    const wrong = paths.reduce((sum, { outside, wrongWay }) => sum + outside + wrongWay, 0);
    const near = paths.every(({ chi, bound }, i) =>
      [chi, bound].every((curve, which) => {
        const known = which === 0 ? KNOWN_PATHS[i]!.chi : KNOWN_PATHS[i]!.bound;
        return [100, 400].every((t, k) => Math.abs(valueAt(curve, t) / known[k]! - 1) <= 0.01);
      }),
    );
    return observe(`${worst.toExponential(1)}; ${wrong} violations`, worst < 1e-6 && wrong === 0 && near);
  },
};

const scaling: TheoryClaim = {
  id: "rates-scale-time",
  statement: "Both rates times s is time times s; a faster decoder alone leaves denser attention.",
  source: `${PAPER}, section 6, role of the learning rates`,
  expected:
    "H(100, 200, 400, 800) at etaZ .25: 1.4024 1.4007 1.3995 1.3986, rows of .5, 1, 2 shifted by one each, within 2e-4; H(800) over etaY: 1.3944 1.3977 1.4010 1.4051, rising",
  gate: "smoke",
  check(trials) {
    const [both, only] = [pathsOf(trials, BOTH_RATES), pathsOf(trials, ETA_Y_ONLY)];
    if (!both || !only) return undefined;
    const table = both.map(({ entropy }) => [100, 200, 400, 800].map((t) => valueAt(entropy, t)));
    const shifted = table.every((row, i) => i === 0 || within(row.slice(0, 3), table[i - 1]!.slice(1), 2e-4));
    const final = only.map(({ entropy }) => valueAt(entropy, 800));
    const holds =
      shifted &&
      within(table[0]!, [1.4024, 1.4007, 1.3995, 1.3986], 2e-4) &&
      within(final, [1.3944, 1.3977, 1.401, 1.4051], 2e-4) &&
      rising(final);
    return observe(`${fixed(table[0]!, 4)}; ${fixed(final, 4)}`, holds);
  },
};

export const theoryClaims: readonly TheoryClaim[] = [
  gradient,
  decoder,
  closedForm,
  sharedBound,
  landmarks,
  growth,
  theorems,
  scaling,
];

function pathsOf(
  trials: Parameters<TheoryClaim["check"]>[0],
  configs: readonly TheoryConfig[],
): Path[] | undefined {
  const paths = each(trials, configs)?.map(({ path }) => path);
  return paths?.every((path) => path !== null) ? paths : undefined;
}

function valueAt(curve: Path["chi"], t: number): number {
  return curve.find(([time]) => time === t)?.[1] ?? Number.NaN;
}
