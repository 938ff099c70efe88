// What `scan-snap-rates` claims: how the two learning rates decide over when attention snaps and how sparse it is then.
import type { Claim } from "../experiment";
import { each, falling, fixed, mean, observe, rising, where } from "../select";
import { ETA_Z, FIGURE_6, RATIOS, TOLERANCE } from "./paper";
import { allPhases, cell, PHASE_RATES, phases, type RatesMetrics, type RatesTrial, SIZES } from "./rates-run";
import type { OneLayerConfig } from "./settings";
import { halfTime, snapTime } from "./theory";

type RatesClaim = Claim<OneLayerConfig, RatesMetrics>;

const PAPER = "Tian et al. 2023, arXiv:2305.16380";
const CELLS_NEEDED = 60;
/** Row 10/20 at etaZ 1 has ratios 2 and 5 a thousandth apart. */
const TIE = 0.01;
const SEVERAL = SIZES.filter((size) => size >= 3);

/** Mean final entropy of a cell over its seeds. */
export function cellEntropy(
  trials: readonly RatesTrial[],
  size: number,
  etaZ: number,
  ratio: number,
): number | undefined {
  const runs = where(trials, cell(size, etaZ, ratio));
  return runs.length === 0 ? undefined : mean(runs.map(({ metrics }) => metrics.finalEntropy));
}

/** The entropies over the ratios for a row of figure 6, where all of them ran. */
function row(trials: readonly RatesTrial[], size: number, etaZ: number): number[] | undefined {
  const values = RATIOS.map((ratio) => cellEntropy(trials, size, etaZ, ratio));
  return values.every((value) => value !== undefined) ? values : undefined;
}

function rowsOf(trials: readonly RatesTrial[], sizes: readonly number[]): number[][] | undefined {
  const rows = sizes.flatMap((size) => ETA_Z.map((etaZ) => row(trials, size, etaZ)));
  return rows.every((values) => values !== undefined) ? rows : undefined;
}

const figure6: RatesClaim = {
  id: "figure-6",
  statement: "The final entropies on Syn-Medium are those that the authors published.",
  source: `${PAPER}, figure 6 (the authors' data)`,
  expected: `at least ${CELLS_NEEDED} of 64 cells within 0.10 nats, those of one query within 0.15`,
  gate: "full",
  check(trials) {
    const rows = rowsOf(trials, SIZES);
    if (!rows) return undefined;
    const errors = rows.flatMap((values, at) => {
      const size = SIZES[Math.floor(at / ETA_Z.length)]!;
      const paper = FIGURE_6[size]![at % ETA_Z.length]!;
      return values.map((value, i) => ({ off: Math.abs(value - paper[i]!), allowed: TOLERANCE[size]! }));
    });
    const good = errors.filter(({ off, allowed }) => off <= allowed).length;
    const worst = Math.max(...errors.map(({ off }) => off));
    return observe(
      `${good} of ${errors.length} cells, the worst off by ${worst.toFixed(3)}`,
      good >= CELLS_NEEDED,
    );
  },
};

const sparsestAtTwo: RatesClaim = {
  id: "sparsest-at-ratio-2",
  statement: "With several queries attention ends sparsest at etaY/etaZ = 2.",
  source: `${PAPER}, figure 6`,
  expected: `lowest entropy at ratio 2 in every row of 3, 5, 10 queries (ties within ${TIE})`,
  gate: "full",
  check(trials) {
    const rows = rowsOf(trials, SEVERAL);
    if (!rows) return undefined;
    const good = rows.filter((values) => values[1]! <= Math.min(...values) + TIE).length;
    return observe(`${good} of ${rows.length} rows`, good === rows.length);
  },
};

const fasterDecoder: RatesClaim = {
  id: "faster-decoder-denser",
  statement:
    "At a fixed rate of attention, a decoder ten times as fast leaves denser attention than one twice as fast.",
  source: `${PAPER}, section 6 and figure 6`,
  expected: "entropy at ratio 10 above that at ratio 2, every row of 3, 5, 10 queries that ran",
  gate: "smoke",
  check(trials) {
    const pairs = SEVERAL.flatMap((size) =>
      ETA_Z.map((etaZ) => [2, 10].map((ratio) => cellEntropy(trials, size, etaZ, ratio))),
    ).filter(([two, ten]) => two !== undefined && ten !== undefined);
    if (pairs.length === 0) return undefined;
    const least = Math.min(...pairs.map(([two, ten]) => ten! - two!));
    return observe(`by at least ${least.toFixed(3)} in ${pairs.length} rows`, least > 0);
  },
};

const bothFaster: RatesClaim = {
  id: "both-faster-sparser",
  statement: "Both rates scaled up together leave sparser attention.",
  source: `${PAPER}, section 6 and figure 6`,
  expected: "entropy falls with etaZ at every ratio, 3, 5, 10 queries",
  gate: "full",
  check(trials) {
    const columns = SEVERAL.flatMap((size) =>
      RATIOS.map((ratio) => ETA_Z.map((etaZ) => cellEntropy(trials, size, etaZ, ratio))),
    );
    if (columns.flat().some((value) => value === undefined)) return undefined;
    const good = columns.filter((values) => falling(values as number[])).length; // none is undefined
    return observe(`${good} of ${columns.length} columns`, good === columns.length);
  },
};

/** How much recall falls from the lowest to the highest threshold, mean over seeds. */
function drop(trials: readonly RatesTrial[], size: number, etaZ: number, ratio: number): number | undefined {
  const runs = where(trials, cell(size, etaZ, ratio));
  if (runs.length === 0) return undefined;
  return mean(runs.map(({ metrics }) => metrics.recall[0]! - metrics.recall.at(-1)!));
}

const recallCurves: RatesClaim = {
  id: "recall-flatness",
  statement: "Sparser attention has flatter recall curves: flatter at small ratios, and at large rates.",
  source: `${PAPER}, figures 11 and 12`,
  expected:
    "drop of recall over the thresholds rises over ratio 1, 2, 5, 10 at etaZ 1, and falls over etaZ .5, 1, 3 at ratio 1; 1 and 3 queries",
  gate: "full",
  check(trials) {
    const ladders = [1, 3].flatMap((size) => [
      { up: true, drops: RATIOS.map((ratio) => drop(trials, size, 1, ratio)) },
      { up: false, drops: [0.5, 1, 3].map((etaZ) => drop(trials, size, etaZ, 1)) },
    ]);
    if (ladders.some(({ drops }) => drops.includes(undefined))) return undefined;
    const known = ladders.map(({ up, drops }) => ({ up, drops: drops as number[] })); // none is undefined
    const holds = known.every(({ up, drops }) => (up ? rising(drops) : falling(drops)));
    return observe(known.map(({ drops }) => fixed(drops, 3)).join("; "), holds);
  },
};

const phaseTime: RatesClaim = {
  id: "phase-time",
  statement: "The decoder's phase takes a time that goes with 1/etaY, and attention is fastest before t0.",
  source: `${PAPER}, section 5, and the half-way time that follows from h`,
  expected:
    "first step with label probability 1/2: 50.1, 25.0, 12.5, 6.3 for etaY .5, 1, 2, 4, within one step or 6 %",
  gate: "smoke",
  check(trials) {
    const runs = each(
      trials,
      PHASE_RATES.map((etaY) => phases(etaY, 0.1)),
    );
    if (!runs) return undefined;
    const holds = runs.every(({ halfStep, fastestStep }, i) => {
      const decoder = { tokens: 200, classes: 4, etaY: PHASE_RATES[i]! };
      const expected = halfTime(decoder);
      const near = Math.abs(halfStep - expected) <= Math.max(1, 0.06 * expected);
      return near && fastestStep < snapTime(decoder, 0);
    });
    const half = runs.map(({ halfStep }) => halfStep).join(", ");
    return observe(`${half}; attention fastest at ${runs.map((run) => run.fastestStep).join(", ")}`, holds);
  },
};

const snap: RatesClaim = {
  id: "snap",
  statement: "After t0 = 2 K ln M / etaY attention is slower by a factor: it has snapped.",
  source: `${PAPER}, theorem 4`,
  expected:
    "mean speed of z in [t0/2, t0] at least 6 times that in [4 t0, 5 t0], every run with one common token",
  gate: "smoke",
  check(trials) {
    const runs = each(trials, allPhases);
    if (!runs) return undefined;
    const ratios = runs.map(({ topLogit }, i) => {
      const t0 = snapTime({ tokens: 200, classes: 4, etaY: allPhases[i]!.etaY }, 0);
      return speed(topLogit, t0 / 2, t0) / speed(topLogit, 4 * t0, 5 * t0);
    });
    return observe(ratios.map((ratio) => ratio.toFixed(1)).join(", "), Math.min(...ratios) >= 6);
  },
};

const oneWay: RatesClaim = {
  id: "one-way",
  statement:
    "With one common token, its z falls and that of the most frequent distinct token rises at every step.",
  source: `${PAPER}, theorem 2 and corollary 1`,
  expected:
    "every step but the first, which moves nothing from zero weights; every run with one common token",
  gate: "smoke",
  check(trials) {
    const runs = each(trials, allPhases);
    if (!runs) return undefined;
    const good = runs.filter(({ monotone }) => monotone).length;
    return observe(`${good} of ${runs.length} runs`, good === runs.length);
  },
};

export const ratesClaims: readonly RatesClaim[] = [
  figure6,
  sparsestAtTwo,
  fasterDecoder,
  bothFaster,
  recallCurves,
  phaseTime,
  snap,
  oneWay,
];

/** Mean rise per step between two times. */
function speed(z: readonly number[], from: number, to: number): number {
  const [a, b] = [Math.round(from), Math.round(to)];
  return (z[b]! - z[a]!) / (b - a);
}
