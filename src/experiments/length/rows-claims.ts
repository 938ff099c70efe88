// What `entropy-scale` claims of single rows: closed forms and known values.
import { log } from "../../math/log";
import { pow } from "../../math/pow";
import type { EntropyConfig, EntropyMetrics } from "../entropy-scale";
import type { Claim, Trial } from "../experiment";
import { mean, observe, where } from "../select";
import { type GaussianRow, NEEDLE_TRAINED, type NeedleRow, SHARP, type SphereRow } from "./rows";

type EntropyClaim = Claim<EntropyConfig, EntropyMetrics>;
type EntropyTrial = Trial<EntropyConfig, EntropyMetrics>;

const ARTICLE = "Su 2021, kexue.fm/archives/8823";

/** Rows that the trials of the part wrote; none where it did not run. */
function written<Row>(trials: readonly EntropyTrial[], name: "gaussian" | "sphere" | "needles"): Row[][] {
  return where(trials, { part: "rows" }).map(({ metrics }) => metrics[name] as unknown as Row[]); // as rows.ts makes them
}

/** Mean entropies by deviation and number of tokens: without the scale and with it. */
const KNOWN_ENTROPIES = [
  { deviation: 1, n: 64, plain: 3.685, scaled: 3.943 },
  { deviation: 1, n: 512, plain: 5.741, scaled: 5.741 },
  { deviation: 1, n: 4096, plain: 7.819, scaled: 7.433 },
  { deviation: 1, n: 16384, plain: 9.203, scaled: 8.492 },
  { deviation: SHARP, n: 16, plain: 1.365, scaled: 2.276 },
  { deviation: SHARP, n: 64, plain: 2.181, scaled: 2.996 },
  { deviation: SHARP, n: 512, plain: 3.636, scaled: 3.636 },
  { deviation: SHARP, n: 4096, plain: 5.309, scaled: 3.787 },
  { deviation: SHARP, n: 16384, plain: 6.586, scaled: 3.688 },
] as const;

/** As far as a mean over so many rows may be away, of which half a unit is what printing took. */
const ROWS = 100;
const PRINTED = 5e-4;

const gaussianTable: EntropyClaim = {
  id: "gaussian-rows",
  statement:
    "Rows of Gaussian logits have the entropies of an independent computation, with log n and without.",
  source: ARTICLE,
  expected: `every mean within 4 standard errors of a mean over ${ROWS} rows`,
  gate: "smoke",
  check(trials) {
    const seeds = written<GaussianRow>(trials, "gaussian");
    const first = seeds[0] ?? [];
    const errors = first.flatMap(({ deviation, n }, i) => {
      const known = KNOWN_ENTROPIES.find((row) => row.deviation === deviation && row.n === n);
      if (!known) return [];
      const over = (name: "plain" | "scaled" | "plainSpread" | "scaledSpread") =>
        mean(seeds.map((rows) => rows[i]![name]));
      return (["plain", "scaled"] as const).map((name) => {
        const away = Math.max(0, Math.abs(over(name) - known[name]) - PRINTED);
        return away / (over(`${name}Spread`) / Math.sqrt(ROWS));
      });
    });
    if (errors.length === 0) return undefined;
    const worst = Math.max(...errors);
    return observe(
      `${errors.length} means, the farthest ${worst.toFixed(1)} standard errors away`,
      worst <= 4,
    );
  },
};

const gaussianLaw: EntropyClaim = {
  id: "gaussian-law",
  statement: "While logits are dull the entropy is ln n - sigma^2 / 2.",
  source: ARTICLE,
  expected: "means over seeds within 0.03 nats for n of at least 64 and deviations, scale included, up to 1",
  gate: "full",
  check(trials) {
    const seeds = written<GaussianRow>(trials, "gaussian");
    const trained = where(trials, { part: "rows" })[0]?.config.trained;
    const first = seeds[0];
    if (!first || trained === undefined) return undefined;
    const distances = first.flatMap(({ deviation, n }, i) =>
      (["plain", "scaled"] as const).flatMap((name) => {
        const used = name === "plain" ? deviation : (deviation * log(n)) / log(trained);
        if (n < 64 || used > 1) return [];
        return [Math.abs(mean(seeds.map((rows) => rows[i]![name])) - (log(n) - (used * used) / 2))];
      }),
    );
    const worst = Math.max(...distances);
    return observe(`${distances.length} means, the farthest ${worst.toFixed(3)} nats away`, worst <= 0.03);
  },
};

const sharpOnly: EntropyClaim = {
  id: "flat-where-sharp",
  statement:
    "Log n holds the entropy still where logits are sharp (deviation of sqrt(ln 512)), not where they are of unit deviation.",
  source: `${ARTICLE}, which says so of all Gaussian queries and keys`,
  expected:
    "from 512 tokens to the longest, entropy grows by at most 0.1 of the growth of ln n for sharp logits, by at least 0.7 of it for dull ones",
  gate: "full",
  check(trials) {
    const seeds = written<GaussianRow>(trials, "gaussian");
    const shares = [SHARP, 1].map((deviation) =>
      seeds.map((rows) => {
        const mine = rows.filter((row) => row.deviation === deviation && row.n >= 512);
        const [from, to] = [mine[0], mine.at(-1)];
        return from && to && to.n > from.n ? (to.scaled - from.scaled) / log(to.n / from.n) : Number.NaN;
      }),
    );
    const [sharp, dull] = shares.map(mean) as [number, number]; // of two
    if (seeds.length === 0 || Number.isNaN(sharp + dull)) return undefined;
    return observe(`sharp ${sharp.toFixed(3)}, dull ${dull.toFixed(3)}`, sharp <= 0.1 && dull >= 0.7);
  },
};

/** H - ln n by dimensions and factor, as computed independently. */
const KNOWN_SPHERES = [
  { d: 32, lambda: 1, exact: -7.77471, unit: 1e-5 },
  { d: 64, lambda: 1, exact: -15.4734, unit: 1e-4 },
  { d: 96, lambda: 1, exact: -23.1726, unit: 1e-4 },
  { d: 128, lambda: 1, exact: -30.8718, unit: 1e-4 },
  { d: 256, lambda: 1, exact: -61.6692, unit: 1e-4 },
  { d: 512, lambda: 1, exact: -123.264, unit: 1e-3 },
  { d: 64, lambda: 0.125, exact: -0.489, unit: 1e-4 },
  { d: 64, lambda: 0.25, exact: -1.839, unit: 1e-3 },
  { d: 64, lambda: 0.5, exact: -6.051, unit: 1e-3 },
  { d: 64, lambda: 2, exact: -30.15, unit: 1e-2 },
] as const;

const sphere: EntropyClaim = {
  id: "sphere",
  statement: "Keys on a sphere take from the entropy what quadrature says, to all digits that were printed.",
  source: `${ARTICLE}; Su 2020, kexue.fm/archives/7695`,
  expected: "within 1e-4, or half a unit of the last digit where fewer were printed",
  gate: "smoke",
  check(trials) {
    const rows = written<SphereRow>(trials, "sphere")[0];
    if (!rows) return undefined;
    const errors = KNOWN_SPHERES.map(({ d, lambda, exact, unit }) => {
      const found = rows.find((row) => row.d === d && row.lambda === lambda)?.exact ?? Number.NaN;
      return Math.abs(found - exact) / Math.max(1e-4, unit / 2);
    });
    const worst = Math.max(...errors);
    return observe(`${errors.length} values, the worst at ${worst.toFixed(2)} of the tolerance`, worst <= 1);
  },
};

const sphereRule: EntropyClaim = {
  id: "rule-of-0.24",
  statement:
    "The article's loss of 0.24 lambda d is that of lambda = 1; at 1 / sqrt(d) it is four times the true one.",
  source: ARTICLE,
  expected: "d = 64: the rule within 2 % at lambda 1, more than 3.5 times too much at 1/8",
  gate: "smoke",
  check(trials) {
    const rows = written<SphereRow>(trials, "sphere")[0];
    if (!rows) return undefined;
    const [at1, at8] = [1, 0.125].map((lambda) => {
      const exact = rows.find((row) => row.d === 64 && row.lambda === lambda)?.exact ?? Number.NaN;
      return (-0.24 * lambda * 64) / exact;
    }) as [number, number]; // of two
    const holds = Math.abs(at1 - 1) <= 0.02 && at8 > 3.5;
    return observe(`rule over truth ${at1.toFixed(3)} at 1, ${at8.toFixed(2)} at 1/8`, holds);
  },
};

const needles: EntropyClaim = {
  id: "needle",
  statement:
    "With log n a needle of logit g keeps n^(g/ln m) against n - 1 others: half of the row at any length for g = ln m, all of it above, nothing below.",
  source: `${ARTICLE}; Chiang & Cholak 2022, arXiv:2202.12172`,
  expected:
    "weights within 1e-4 of both closed forms, 4 to 4096 tokens; rising with n above ln m, falling below",
  gate: "smoke",
  check(trials) {
    const rows = written<NeedleRow>(trials, "needles")[0];
    if (!rows) return undefined;
    const errors = rows.flatMap(({ height, n, plain, scaled }) => {
      const power = pow(n, height);
      const still = pow(NEEDLE_TRAINED, height);
      return [Math.abs(scaled - power / (power + n - 1)), Math.abs(plain - still / (still + n - 1))];
    });
    const weights = (height: number) =>
      rows.filter((row) => row.height === height).map(({ scaled }) => scaled);
    const [low, high] = [weights(0.8), weights(1.2)];
    const worst = Math.max(...errors);
    const ordered =
      low.every((w, i) => i === 0 || w < low[i - 1]!) && high.every((w, i) => i === 0 || w > high[i - 1]!);
    return observe(
      `within ${worst.toExponential(1)}; from ${low[0]?.toFixed(3)} down to ${low.at(-1)?.toFixed(3)} at 0.8 ln m, from ${high[0]?.toFixed(3)} up to ${high.at(-1)?.toFixed(3)} at 1.2`,
      worst <= 1e-4 && ordered,
    );
  },
};

export const rowClaims: readonly EntropyClaim[] = [
  gaussianTable,
  gaussianLaw,
  sharpOnly,
  sphere,
  sphereRule,
  needles,
];
