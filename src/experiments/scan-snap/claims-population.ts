// What `scan-snap` claims of runs without randomness on Syn-Small. Numbers that it expects come from own float64 runs of the same
// equations.
import type { Claim } from "../experiment";
import { each, falling, fixed, observe, rising, where, within } from "../select";
import { ADAM_RATES, adam, expected, PRECISION_RATES, quasiStatic, RATIOS, SCALES, slowing } from "./grid";
import type { ScanSnapMetrics } from "./run";
import type { OneLayerConfig } from "./settings";

type OneLayerClaim = Claim<OneLayerConfig, ScanSnapMetrics>;

const PAPER = "Tian et al. 2023, arXiv:2305.16380";
const COMMON = 10;

const conservation: OneLayerClaim = {
  id: "conservation",
  statement: "From zero, no row of Y and no row of Z ever gains a sum.",
  source: `${PAPER}, lemma 1`,
  expected: "float64: |sum_j Y_lj| and |sum_l Z_ml| below 1e-10, every run",
  gate: "smoke",
  check(trials) {
    const runs = where(trials, { precision: "f64", preset: "synSmall", optimizer: "sgd" });
    if (runs.length === 0) return undefined;
    const worst = Math.max(...runs.map(({ metrics }) => Math.max(metrics.rowSumY, metrics.rowSumZ)));
    return observe(`at most ${worst.toExponential(1)}`, worst < 1e-10);
  },
};

/** Loss by step, entropy at the end, share of the common tokens at the end. */
const TRAJECTORIES = [
  {
    etaY: 1,
    loss: {
      0: 3.526361,
      1: 3.057731,
      2: 2.227717,
      4: 0.5685929,
      10: 7.399222e-3,
      20: 9.211885e-5,
      50: 8.722949e-6,
      99: 7.83904e-6,
    },
    finalEntropy: 1.978993,
    commonMass: 0.402883,
  },
  {
    etaY: 10,
    loss: { 0: 3.526361, 1: 0.3816618, 2: 0.03452873, 4: 7.221997e-4, 10: 1.09176e-7 },
    finalEntropy: 2.098873,
    commonMass: 0.564777,
  },
];

const trajectory: OneLayerClaim = {
  id: "trajectory",
  statement:
    "In population mode the run is one fixed path: the scan of the decoder, then the attention that it freezes.",
  source: "own runs of lemma 1 in float64",
  expected: "losses, final entropy and common mass within 1e-5 relative, etaY 1 and 10",
  gate: "smoke",
  check(trials) {
    const runs = each(
      trials,
      TRAJECTORIES.map(({ etaY }) => ({ ...expected, etaY })),
    );
    if (!runs) return undefined;
    const errors = runs.flatMap(({ loss, finalEntropy, commonMass }, i) => {
      const wanted = TRAJECTORIES[i]!;
      return [
        ...Object.entries(wanted.loss).map(([step, value]) => loss[Number(step)]! / value - 1),
        finalEntropy / wanted.finalEntropy - 1,
        commonMass / wanted.commonMass - 1,
      ];
    });
    const worst = Math.max(...errors.map(Math.abs));
    return observe(`off by at most ${worst.toExponential(1)}`, worst < 1e-5);
  },
};

const precision: OneLayerClaim = {
  id: "float32-follows",
  statement: "Float32 on heed's kernels walks the path of float64.",
  source: "own",
  expected: "loss within 1e-6 + 0.1 % and entropy within 1e-3 at every step, all rates",
  gate: "smoke",
  check(trials) {
    const exact = each(
      trials,
      PRECISION_RATES.map((rates) => ({ ...expected, ...rates, precision: "f64" })),
    );
    const single = each(
      trials,
      PRECISION_RATES.map((rates) => ({ ...expected, ...rates, precision: "f32" })),
    );
    if (!exact || !single) return undefined;
    const loss = exact.flatMap(({ loss: wanted }, i) =>
      wanted.map((value, step) => Math.abs(single[i]!.loss[step]! - value) / (1e-6 + 1e-3 * value)),
    );
    const entropy = exact.flatMap(({ entropy: wanted }, i) =>
      wanted.map((value, step) => Math.abs(single[i]!.entropy[step]! - value)),
    );
    const [worstLoss, worstEntropy] = [Math.max(...loss), Math.max(...entropy)];
    const observed = `loss ${worstLoss.toPrecision(2)} of what is allowed, entropy within ${worstEntropy.toExponential(1)}`;
    return observe(observed, worstLoss <= 1 && worstEntropy <= 1e-3);
  },
};

const discriminative: OneLayerClaim = {
  id: "discriminative-bias",
  statement: "Attention leaves common tokens and goes to distinct ones, the more the more frequent they are.",
  source: `${PAPER}, theorems 2 and 3`,
  expected:
    "population, etaY 1 to 20: z of common tokens < 0 < z of distinct ones, strictly rising with P(l|n)",
  gate: "smoke",
  check(trials) {
    const runs = each(
      trials,
      [1, 2, 5, 10, 20].map((etaY) => ({ ...expected, etaY })),
    );
    if (!runs) return undefined;
    const rows = runs.flatMap(({ finalLogits }) => finalLogits);
    const holds = rows.every((z) => {
      const own = z.slice(COMMON);
      return z.slice(0, COMMON).every((value) => value < 0) && own.every((value) => value > 0) && rising(own);
    });
    const top = runs.map(({ finalLogits }) => finalLogits[0]!.at(-1)!);
    return observe(`most frequent distinct token at z = ${fixed(top, 3)}`, holds);
  },
};

const slowingDown: OneLayerClaim = {
  id: "snap-slows",
  statement:
    "After the snap attention goes on moving, but ever more slowly: each doubling of the steps adds less.",
  source: `${PAPER}, theorem 4`,
  expected:
    "z of the most frequent distinct token at 14, 28, ... 896, 1499: .1375 .3083 .4323 .5026 .5444 .5727 .5941 .6073 within 1e-3, gains falling",
  gate: "smoke",
  check(trials) {
    const run = where(trials, slowing)[0];
    if (!run) return undefined;
    const z = [14, 28, 56, 112, 224, 448, 896, 1499].map((step) => run.metrics.topLogit[step]!);
    const gains = z.slice(1, 7).map((value, i) => value - z[i]!);
    const close = within(z, [0.1375, 0.3083, 0.4323, 0.5026, 0.5444, 0.5727, 0.5941, 0.6073], 1e-3);
    return observe(fixed(z, 4), close && falling(gains));
  },
};

const jointTheorem: OneLayerClaim = {
  id: "theorem-3-joint",
  statement: "Where both layers learn at once, theorem 3 holds the better the slower attention is.",
  source: `${PAPER}, theorem 3 (proved for a decoder that is ahead)`,
  expected: "|r/(r(0) chi) - 1| falls over etaY 1, 2, 5, 10, 20; at most 0.01 at etaZ 0.02 without momentum",
  gate: "smoke",
  check(trials) {
    const ladder = each(
      trials,
      [1, 2, 5, 10, 20].map((etaY) => ({ ...expected, etaY })),
    );
    const slow = each(trials, quasiStatic);
    if (!ladder || !slow) return undefined;
    const [errors, best] = [ladder.map(({ gainError }) => gainError), slow.map(({ gainError }) => gainError)];
    return observe(`${fixed(errors, 3)}; ${fixed(best, 4)}`, falling(errors) && best.at(-1)! <= 0.01);
  },
};

const fasterDecoder: OneLayerClaim = {
  id: "faster-decoder-denser",
  statement:
    "At a fixed rate of attention, a faster decoder freezes it earlier: the final attention is denser (from ratio 2 on).",
  source: `${PAPER}, section 6, role of the learning rates`,
  expected: "final entropy rises over etaY 2, 10, 50 at etaZ 1: 2.029, 2.099, 2.150 within 1e-3",
  gate: "smoke",
  check(trials) {
    const runs = each(
      trials,
      [2, 10, 50].map((etaY) => ({ ...expected, etaY })),
    );
    if (!runs) return undefined;
    const entropies = runs.map(({ finalEntropy }) => finalEntropy);
    return observe(fixed(entropies, 3), rising(entropies) && within(entropies, [2.029, 2.099, 2.15], 1e-3));
  },
};

const bothFaster: OneLayerClaim = {
  id: "both-faster-sparser",
  statement: "Both rates scaled up together make the final attention sparser.",
  source: `${PAPER}, section 6, role of the learning rates`,
  expected:
    "final entropy falls over etaZ .25, .5, 1, 2, 3 at ratios 1 and 2; at ratio 1 2.041 2.019 1.979 1.912 1.856 within 1e-3",
  gate: "smoke",
  check(trials) {
    const ladders = RATIOS.map((ratio) =>
      each(
        trials,
        SCALES.map((etaZ) => ({ ...expected, etaY: ratio * etaZ, etaZ })),
      )?.map((run) => run.finalEntropy),
    );
    if (!ladders.every((ladder) => ladder !== undefined)) return undefined;
    const close = within(ladders[0]!, [2.041, 2.019, 1.979, 1.912, 1.856], 1e-3);
    return observe(ladders.map((ladder) => fixed(ladder, 3)).join("; "), close && ladders.every(falling));
  },
};

const adamPicks: OneLayerClaim = {
  id: "adam-picks",
  statement: "Adam leaves common tokens altogether, and which distinct token wins depends on its rate.",
  source: `${PAPER}, figure 5`,
  expected:
    "most attended distinct token (0..9 by frequency): 2 or 3 at rate .1, 5 or 6 at .5, 9 at 1; common mass falling",
  gate: "smoke",
  check(trials) {
    const modes = ["population", "minibatch"].flatMap((mode) =>
      ADAM_RATES.map((rate) => where(trials, { ...adam(rate), mode })),
    );
    const runs = modes.flat();
    if (modes.slice(0, ADAM_RATES.length).some((found) => found.length === 0)) return undefined;
    const wanted = new Map([
      [0.1, [2, 3]],
      [0.5, [5, 6]],
      [1, [9]],
    ]);
    const right = runs.every(({ config, metrics }) => wanted.get(config.etaZ)!.includes(metrics.topDistinct));
    const mass = modes.slice(0, ADAM_RATES.length).map((found) => found[0]!.metrics.commonMass);
    const shown = runs.map(({ config, metrics }) => `${config.etaZ}: ${metrics.topDistinct}`);
    return observe([...new Set(shown)].join(", "), right && falling(mass));
  },
};

export const populationClaims: readonly OneLayerClaim[] = [
  conservation,
  trajectory,
  precision,
  discriminative,
  slowingDown,
  jointTheorem,
  fasterDecoder,
  bothFaster,
  adamPicks,
];
