// Which way of putting contexts together finds the one that knows (Su 2023, kexue.fm/archives/9617 and 9632)?
//
// A language model that needs no training: asked for a key, it says the value with 0.9 where the context holds the key, and otherwise what
// words are like in general (Zipf); every log-probability carries noise, as tails of real models do. One of n contexts knows. Exact naive
// Bayes adds all contexts' noise and holds the prior's against them n - 1 times: it should drown. The least unsure context should not.
//
// We would change our mind if the least unsure context lost to others as n grows, or if exact naive Bayes kept its accuracy.
import { log } from "../math/log";
import { type NbceOptions, nbceStep } from "../nbce/step";
import type { Rng } from "../tensor/rng";
import type { Experiment, Trial } from "./experiment";
import type { Figure } from "./figure";
import { meanInterval } from "./interval";
import { mean, where } from "./select";

export type PoolingConfig = {
  /** n */
  readonly contexts: number;
  readonly vocabulary: number;
  /** What a context that knows gives the value, the rest being the prior. */
  readonly sure: number;
  /** Deviation of the noise on log-probabilities. */
  readonly noise: number;
  readonly questions: number;
};

/** Ways to put contexts together, by name; beta may depend on their number. */
const WAYS = {
  "min-entropy, beta 0.25": () => ({ pool: "min-entropy", beta: 0.25, topP: 1 }),
  "min-entropy, beta 0": () => ({ pool: "min-entropy", beta: 0, topP: 1 }),
  "max, beta 0.25": () => ({ pool: "max", beta: 0.25, topP: 1 }),
  "mean, beta 0.25": () => ({ pool: "mean", beta: 0.25, topP: 1 }),
  "mean, beta n - 1": (n) => ({ pool: "mean", beta: n - 1, topP: 1 }),
  "mean, beta n - 1, top-p": (n) => ({ pool: "mean", beta: n - 1, topP: 0.95 }),
} as const satisfies Readonly<Record<string, (contexts: number) => NbceOptions>>;

type Way = keyof typeof WAYS;
const ways = Object.keys(WAYS) as Way[]; // a closed literal

export type PoolingMetrics = {
  /** Share of questions answered with the value, by way. */
  readonly accuracy: Readonly<Record<Way, number>>;
  /** Share of questions at which min-entropy chose the context that knows. */
  readonly chosen: number;
};

export type PoolingTrial = Trial<PoolingConfig, PoolingMetrics>;

const base = { vocabulary: 40, sure: 0.9, noise: 0.5 } as const;
const POSTS = "Su 2023, NBCE, kexue.fm/archives/9617 and kexue.fm/archives/9632";
const CONTEXTS = [2, 4, 8, 16, 32] as const;

export const nbcePooling: Experiment<PoolingConfig, PoolingMetrics> = {
  name: "nbce-pooling",
  question: "Which way of putting contexts together finds the one that knows?",
  paper: POSTS,
  grid: {
    smoke: {
      configs: [2, 8, 32].map((contexts) => ({ ...base, contexts, questions: 100 })),
      seeds: [0],
      budgetSeconds: 4,
    },
    full: {
      configs: CONTEXTS.map((contexts) => ({ ...base, contexts, questions: 400 })),
      seeds: [0, 1, 2],
      budgetSeconds: 20,
    },
  },
  trial,
  claims: [
    {
      id: "least-unsure-finds",
      statement: "The least unsure context is the one that knows, however many do not.",
      source: `${POSTS}: the pool of least entropy`,
      expected: "accuracy of min-entropy with beta 0.25 at least 0.98 at 32 contexts, every seed",
      gate: "smoke",
      check: (trials) => atContexts(trials, 32, "min-entropy, beta 0.25", (accuracy) => accuracy >= 0.98),
    },
    {
      id: "naive-bayes-drowns",
      statement: "Exact naive Bayes drowns in the noise of those that do not know.",
      source: `${POSTS}: why the plain formula turned to garbage as n grew`,
      expected: "accuracy of the mean with beta n - 1 below 0.5 at 8 contexts, every seed",
      gate: "smoke",
      check: (trials) => atContexts(trials, 8, "mean, beta n - 1", (accuracy) => accuracy < 0.5),
    },
    {
      id: "naive-bayes-is-right-for-two",
      statement: "For two contexts it is still right: the formula is not wrong, its inputs are.",
      source: "kexue.fm/archives/9617, the derivation; the threshold is own",
      expected: "accuracy of the mean with beta n - 1 at least 0.98 at 2 contexts, every seed",
      gate: "none",
      check: (trials) => atContexts(trials, 2, "mean, beta n - 1", (accuracy) => accuracy >= 0.98),
    },
    {
      id: "truncation-is-no-rescue-here",
      statement:
        "Keeping the likeliest tokens of every context does not rescue the mean: their nuclei share too little.",
      source: "kexue.fm/archives/9632, which truncates; the threshold is own",
      expected: "accuracy of the mean with beta n - 1 and top-p 0.95 below 0.5 at 8 contexts, every seed",
      gate: "none",
      check: (trials) => atContexts(trials, 8, "mean, beta n - 1, top-p", (accuracy) => accuracy < 0.5),
    },
  ],
  figures,
};

function atContexts(
  trials: readonly PoolingTrial[],
  contexts: number,
  way: Way,
  rule: (accuracy: number) => boolean,
) {
  const found = where(trials, { contexts }).map(({ metrics }) => metrics.accuracy[way]);
  if (found.length === 0) return undefined;
  return {
    observed: `mean ${mean(found).toFixed(4)}, ${Math.min(...found).toFixed(4)} to ${Math.max(...found).toFixed(4)}`,
    holds: found.every(rule),
  };
}

function* trial(config: PoolingConfig, rng: Rng): Generator<number, PoolingMetrics, void> {
  const { contexts, questions } = config;
  const right = new Map<Way, number>(ways.map((way) => [way, 0]));
  let chosen = 0;
  for (let i = 0; i < questions; i++) {
    const { rows, value, holder } = ask(config, rng.fork(i));
    for (const way of ways) {
      const step = nbceStep(rows, {}, WAYS[way](contexts));
      const best = step.scores.reduce((most, score, id) => (score > step.scores[most]! ? id : most), 0);
      if (best === value) right.set(way, right.get(way)! + 1); // every way is there
      if (way === ways[0] && step.chosen === holder) chosen += 1;
    }
    if (i % 10 === 0) yield i / questions;
  }
  return {
    // One entry for each way.
    accuracy: Object.fromEntries(ways.map((way) => [way, right.get(way)! / questions])) as Record<
      Way,
      number
    >,
    chosen: chosen / questions,
  };
}

/** A question whose answer is in one of the contexts: log-probabilities without context, then with each. */
function ask({ contexts, vocabulary, sure, noise }: PoolingConfig, rng: Rng) {
  const zipf = Array.from({ length: vocabulary }, (_, rank) => 1 / (rank + 1));
  const total = zipf.reduce((a, b) => a + b);
  const value = rng.integer(vocabulary);
  const holder = rng.integer(contexts);
  const row = (knows: boolean) =>
    zipf.map((weight, id) => {
      const prior = weight / total;
      const p = knows ? (1 - sure) * prior + (id === value ? sure : 0) : prior;
      return log(p) + noise * rng.normal();
    });
  return {
    rows: [row(false), ...Array.from({ length: contexts }, (_, k) => row(k === holder))],
    value,
    holder,
  };
}

function figures(trials: readonly PoolingTrial[]): Figure[] {
  const counts = [...new Set(trials.map(({ config }) => config.contexts))].sort((a, b) => a - b);
  return [
    {
      title: "Who finds the context that knows",
      caption:
        "Share of questions answered with the value; one of n contexts holds it. Bands are 95 % intervals over seeds; lines that hide one another are equal. Guessing is right once in 40.",
      plot: {
        kind: "line",
        x: { label: "contexts n", log: true },
        y: { label: "accuracy", domain: [0, 1.02] },
        series: ways.map((name) => ({
          name,
          points: counts.map((contexts) => {
            const { mean: y, ...ends } = meanInterval(
              where(trials, { contexts }).map(({ metrics }) => metrics.accuracy[name]),
            );
            return {
              x: contexts,
              y,
              ...(ends.low !== undefined && {
                low: Math.max(0, ends.low),
                high: Math.min(1, ends.high ?? 1),
              }),
            };
          }),
        })),
      },
    },
  ];
}
