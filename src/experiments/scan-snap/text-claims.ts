// What `scan-snap-text` claims of runs on a text. Only what must hold on any text decides; what the papers saw on WikiText-2 is looked for
// on the text at hand and reported either way.
import { log } from "../../math/log";
import { spearman } from "../correlation";
import type { Claim, Grid } from "../experiment";
import { fixed, mean, observe, where } from "../select";
import type { TextConfig, TextMetrics, TextTrial } from "./text-run";

type TextClaim = Claim<TextConfig, TextMetrics>;

const PAPER = "Tian et al. 2023, arXiv:2305.16380";
const JOMA = "Tian et al. 2024, arXiv:2310.00535";

/** The authors' recipe at a smaller width and vocabulary; WikiText-2 there has 28 000 words and width 200. */
const recipe: TextConfig = {
  text: "",
  textDigest: "",
  optimizer: "sgd",
  learningRate: 5,
  layers: 1,
  width: 64,
  context: 35,
  batch: 20,
  steps: 1500,
  dropout: 0.2,
  words: 512,
};
const adam: TextConfig = { ...recipe, optimizer: "adam" };
export const SGD_RATES = [1, 2, 3, 5] as const;
export const ADAM_RATES = [1e-4, 1e-3, 1e-2] as const;
/** Settings by which claims and figures find runs, whatever the text and the sizes are. */
export const sgdAt = (learningRate: number, layers = 1): Partial<TextConfig> => ({
  optimizer: "sgd",
  learningRate,
  layers,
});
export const adamAt = (learningRate: number): Partial<TextConfig> => ({
  optimizer: "adam",
  learningRate,
  layers: 1,
});

/** Steps below which attention has no time to snap. */
const LONG = 300;

const tiny: TextConfig = { ...recipe, width: 32, words: 256, steps: 40, batch: 8 };
export const textGrid: Readonly<Record<"smoke" | "full", Grid<TextConfig>>> = {
  smoke: {
    configs: [tiny, { ...tiny, optimizer: "adam", learningRate: 1e-2 }],
    seeds: [1],
    budgetSeconds: 4,
  },
  full: {
    configs: [
      ...SGD_RATES.map((learningRate) => ({ ...recipe, learningRate })),
      { ...recipe, layers: 3 },
      ...ADAM_RATES.map((learningRate) => ({ ...adam, learningRate })),
    ],
    seeds: [1, 2, 3],
    budgetSeconds: 900,
  },
};

const startsUniform: TextClaim = {
  id: "starts-uniform",
  statement: "Before training, attention is all but uniform over what it may see.",
  source: `${PAPER}, figure 7; ln(35!)/35 = 2.632 nats for 35 tokens`,
  expected: "entropy of a row above 91 % of the uniform one's, every run",
  gate: "smoke",
  check(trials) {
    if (trials.length === 0) return undefined;
    const shares = trials.map(({ config, metrics }) => metrics.startEntropy / uniformEntropy(config.context));
    return observe(`at least ${(100 * Math.min(...shares)).toFixed(1)} %`, Math.min(...shares) > 0.91);
  },
};

const leavesUniform: TextClaim = {
  id: "grows-sparser",
  statement: "Training makes attention sparser.",
  source: `${PAPER}, figure 7`,
  expected: "lowest entropy below that of the start, every run",
  gate: "smoke",
  check(trials) {
    if (trials.length === 0) return undefined;
    const falls = trials.map(({ metrics }) => metrics.startEntropy - metrics.leastEntropy);
    return observe(`by at least ${Math.min(...falls).toFixed(3)} nats`, Math.min(...falls) > 0);
  },
};

const sparseRows: TextClaim = {
  id: "sparse-rows",
  statement: "One layer trained by SGD at rate 5 ends with almost one-hot rows, and stays so.",
  source: `${PAPER}, figure 7 (WikiText-2)`,
  expected:
    "final entropy at most half of the start's, median largest weight above 0.8, last fifth below 10 % of the change; mean of seeds",
  gate: "none",
  check(trials) {
    const long = where(trials, sgdAt(5)).filter(({ config }) => config.steps >= LONG);
    const runs = long.map(({ metrics }) => metrics);
    if (runs.length === 0) return undefined;
    const share = mean(runs.map(({ finalEntropy, startEntropy }) => finalEntropy / startEntropy));
    const maximum = mean(runs.map(({ medianMaximum }) => medianMaximum));
    const late = mean(runs.map(({ lateChange }) => lateChange));
    const observed = `${share.toFixed(3)} of the start, median largest ${maximum.toFixed(3)}, last fifth ${(100 * late).toFixed(1)} %`;
    return observe(observed, share <= 0.5 && maximum > 0.8 && late < 0.1);
  },
};

const rateDecides: TextClaim = {
  id: "faster-sparser",
  statement: "The larger the shared rate of SGD, the sparser attention ends.",
  source: `${PAPER}, figure 10 (WikiText-2 and -103)`,
  expected: "rank correlation of rate and final entropy at most -0.8 over 1, 2, 3, 5 and 3 seeds at least",
  gate: "none",
  check(trials) {
    const runs = SGD_RATES.flatMap((rate) => where(trials, sgdAt(rate)));
    const seeds = new Set(runs.map(({ seed }) => seed));
    if (seeds.size < 3 || runs.length < 3 * SGD_RATES.length) return undefined;
    const correlation = spearman(
      runs.map(({ config }) => config.learningRate),
      runs.map(({ metrics }) => metrics.finalEntropy),
    );
    const means = SGD_RATES.map((rate) => finalEntropy(trials, sgdAt(rate)));
    return observe(`${correlation.toFixed(2)}; means ${fixed(means, 3)}`, correlation <= -0.8);
  },
};

const dipAndRebound: TextClaim = {
  id: "adam-dips",
  statement: "Under Adam at a small rate attention grows sparse and then denser again.",
  source: `${JOMA}, figure 6 (58 000 steps on WikiText-2)`,
  expected: "rate 1e-4: entropy falls by 30 % at least, and 40 % of that comes back; mean of seeds",
  gate: "none",
  check(trials) {
    const runs = where(trials, adamAt(1e-4)).map(({ metrics }) => metrics);
    if (runs.length === 0) return undefined;
    const drops = runs.map(({ startEntropy, leastEntropy }) => (startEntropy - leastEntropy) / startEntropy);
    const back = runs.map(
      (run) => (run.finalEntropy - run.leastEntropy) / (run.startEntropy - run.leastEntropy),
    );
    return observe(
      `falls by ${(100 * mean(drops)).toFixed(0)} %, ${(100 * mean(back)).toFixed(0)} % comes back`,
      mean(drops) >= 0.3 && mean(back) >= 0.4,
    );
  },
};

const collapse: TextClaim = {
  id: "adam-collapses",
  statement: "Under Adam at a large rate attention collapses onto single tokens.",
  source: `${JOMA}, runs on WikiText-2`,
  expected: "rate 1e-2: final entropy below 0.05, every seed",
  gate: "none",
  check(trials) {
    const long = where(trials, adamAt(1e-2)).filter(({ config }) => config.steps >= LONG);
    const runs = long.map(({ metrics }) => metrics.finalEntropy);
    return runs.length === 0 ? undefined : observe(fixed(runs, 3), Math.max(...runs) < 0.05);
  },
};

export const textClaims: readonly TextClaim[] = [
  startsUniform,
  leavesUniform,
  sparseRows,
  rateDecides,
  dipAndRebound,
  collapse,
];

function finalEntropy(trials: readonly TextTrial[], wanted: Partial<TextConfig>): number {
  return mean(where(trials, wanted).map(({ metrics }) => metrics.finalEntropy));
}

/** Mean entropy of a causal row that looks at all it may see alike: ln(T!)/T. */
function uniformEntropy(context: number): number {
  let sum = 0;
  for (let t = 1; t <= context; t++) sum += log(t);
  return sum / context;
}
