// What `scan-snap` claims of runs on sampled sequences, at full size.
import type { Claim } from "../experiment";
import { fixed, mean, observe, where } from "../select";
import { LONG, sampled } from "./grid";
import type { ScanSnapMetrics, ScanSnapTrial } from "./run";
import type { OneLayerConfig } from "./settings";

type OneLayerClaim = Claim<OneLayerConfig, ScanSnapMetrics>;

const PAPER = "Tian et al. 2023, arXiv:2305.16380";
const FAST = 10;
const COMMON = 10;

const log: OneLayerClaim = {
  id: "authors-log",
  statement: "Minibatch runs lose as the authors' log says.",
  source: `${PAPER}, the authors' published log of Syn-Small, one seed`,
  expected: "mean of seeds within 15 % at steps 0 to 8, 25 % at 10, and a factor 2 at 98",
  gate: "full",
  check(trials) {
    const runs = where(trials, sampled);
    if (runs.length < 2) return undefined;
    const authors = [3.5264, 2.3679, 0.7335, 0.1608, 0.0444, 0.01295, 2.22e-5];
    const tolerance = [0.15, 0.15, 0.15, 0.15, 0.15, 0.25, 1];
    const ours = [0, 2, 4, 6, 8, 10, 98].map((step) => mean(runs.map(({ metrics }) => metrics.loss[step]!)));
    const holds = ours.every((value, i) => {
      const ratio = value / authors[i]!;
      return i === 6 ? ratio > 0.5 && ratio < 2 : Math.abs(ratio - 1) <= tolerance[i]!;
    });
    return observe(ours.map((value) => value.toPrecision(3)).join(", "), holds);
  },
};

const commonTokens: OneLayerClaim = {
  id: "common-mass",
  statement: "In minibatch runs, too, common tokens lose attention, and no token takes it all.",
  source: `${PAPER}, figure 4 and theorem 2`,
  expected:
    "from 0.645 to below 0.5 (etaY 1) and 0.62 (etaY 10), no c_n above 0.25, top 5 distinct z > 0 > common z; every seed",
  gate: "full",
  check(trials) {
    const [slow, fast] = [where(trials, sampled), where(trials, { ...sampled, etaY: FAST })];
    if (slow.length === 0 || fast.length === 0) return undefined;
    const first = (run: ScanSnapTrial) => commonShare(run.metrics.finalAttention[0]!);
    const most = Math.max(...slow.flatMap(({ metrics }) => metrics.finalAttention.flat()));
    const signs = slow.every(({ metrics }) =>
      metrics.finalLogits.every(
        (z) => z.slice(0, COMMON).every((value) => value < 0) && z.slice(-5).every((value) => value > 0),
      ),
    );
    const [a, b] = [slow.map(first), fast.map(first)];
    const holds = a.every((mass) => mass < 0.5) && b.every((mass) => mass < 0.62) && most < 0.25 && signs;
    return observe(`${fixed(a, 3)}; ${fixed(b, 3)}; largest c_n ${most.toFixed(3)}`, holds);
  },
};

const snapped: OneLayerClaim = {
  id: "second-half-frozen",
  statement: "The second half of a run hardly changes the entropy: attention has snapped.",
  source: `${PAPER}, theorem 4 and figure 4`,
  expected: "|H(99) - H(48)| at most 5 % of |H(48) - H(0)|, every seed",
  gate: "full",
  check(trials) {
    const runs = where(trials, sampled);
    if (runs.length === 0) return undefined;
    const shares = runs.map(
      ({ metrics: { entropy: H } }) => Math.abs(H[99]! - H[48]!) / Math.abs(H[48]! - H[0]!),
    );
    return observe(
      shares.map((share) => `${(100 * share).toFixed(1)} %`).join(", "),
      Math.max(...shares) <= 0.05,
    );
  },
};

const longSequences: OneLayerClaim = {
  id: "long-sequences",
  statement: "Longer sequences come closer to the population.",
  source: `${PAPER}, assumption 1(b)`,
  expected:
    "T = 1024: mean entropy within 0.09 of the population's 1.979, mean common mass within 0.05 of its 0.403",
  gate: "full",
  check(trials) {
    const runs = where(trials, { ...sampled, length: LONG });
    if (runs.length === 0) return undefined;
    const H = mean(runs.map(({ metrics }) => metrics.finalEntropy));
    const mass = mean(runs.map(({ metrics }) => metrics.commonMass));
    const holds = Math.abs(H - 1.979) <= 0.09 && Math.abs(mass - 0.403) <= 0.05;
    return observe(`entropy ${H.toFixed(3)}, common mass ${mass.toFixed(3)}`, holds);
  },
};

export const minibatchClaims: readonly OneLayerClaim[] = [log, commonTokens, snapped, longSequences];

/** Share of the common tokens in a class's attention. */
function commonShare(attention: readonly number[]): number {
  return attention.slice(0, COMMON).reduce((sum, value) => sum + value, 0);
}
