// Is a transformer without layers a bigram table, as good as its rank allows?
//
// Tokens are drawn from a random Markov chain, whose table P we know. A gpt of no layers computes softmax(W_E W_U) from the last token
// alone: a table of rank at most D. It should reach P at D = V, fall short the more the smaller D is, and beat every model that ignores
// the context at any D.
//
// We would change our mind if the full-rank model stayed away from P, if a smaller rank came closer, or if the unigram entropy were out
// of reach: then the path from embedding to unembedding would not do what "A Mathematical Framework for Transformer Circuits" says.
import { type MarkovChain, markovChain } from "../data/markov";
import { log } from "../math/log";
import { type Gpt, gpt } from "../models/gpt";
import { namedParameters } from "../nn/module";
import { softmax } from "../ops/softmax";
import type { Rng } from "../tensor/rng";
import { ids, scope } from "../tensor/tensor";
import { adamw } from "../train/optimizer";
import { linear } from "../train/schedule";
import { train } from "../train/trainer";
import { bigramFigures } from "./bigram-figures";
import type { Experiment, Observation, Trial } from "./experiment";

export type BigramConfig = {
  /** V */
  readonly vocabulary: number;
  /** Of the Dirichlet distribution that rows of P are drawn from: small gives few likely successors. */
  readonly concentration: number;
  /** D, the rank of the learned table. */
  readonly width: number;
  readonly steps: number;
  /** Pairs of tokens in a step. */
  readonly batch: number;
  readonly learningRate: number;
};

export type BigramMetrics = {
  /** Nats: sum over x of pi(x) KL(P[x] || model[x]), exact, not sampled. */
  readonly kl: number;
  /** Nats, of the chain: what the best model without context has, and what the best model has. */
  readonly unigramEntropy: number;
  readonly bigramEntropy: number;
  /** Exact expected loss in nats: bigramEntropy + kl. */
  readonly loss: number;
  /** Training: pairs of step and batch loss. */
  readonly curve: readonly (readonly [number, number])[];
  /** Row-stochastic tables [V][V], to four digits. */
  readonly learned: readonly (readonly number[])[];
  readonly truth: readonly (readonly number[])[];
};

export type BigramTrial = Trial<BigramConfig, BigramMetrics>;

/** More than twice what PyTorch leaves (0.0085). */
const FULL_RANK_KL = 0.02;
const CURVE_POINTS = 60;
const base = { vocabulary: 32, concentration: 0.3, batch: 1024, learningRate: 2e-2 } as const;
const WIDTHS = [4, 8, 16, 32] as const;

export const bigram: Experiment<BigramConfig, BigramMetrics> = {
  name: "bigram",
  question: "Is a transformer without layers a bigram table, as good as its rank allows?",
  paper: "Elhage et al. 2021, A Mathematical Framework for Transformer Circuits",
  grid: {
    smoke: { configs: WIDTHS.map((width) => ({ ...base, width, steps: 100 })), seeds: [0], budgetSeconds: 4 },
    full: {
      configs: WIDTHS.map((width) => ({ ...base, width, steps: 600 })),
      seeds: [0, 1, 2],
      budgetSeconds: 60,
    },
  },
  trial,
  claims: [
    {
      id: "full-rank",
      statement: "With D = V the product of embedding and unembedding becomes the chain's own table.",
      source: "Elhage et al. 2021, Zero-Layer Transformers",
      expected: `KL from the chain to the model at most ${FULL_RANK_KL} nats, every seed`,
      gate: "full",
      check: checkFullRank,
    },
    {
      id: "rank-decides",
      statement: "A wider model is a better bigram table, up to D = V.",
      source: "Elhage et al. 2021, Zero-Layer Transformers",
      expected: "KL smaller at each larger D, every seed",
      gate: "smoke",
      check: checkRank,
    },
    {
      id: "beats-unigram",
      statement:
        "Even the narrowest model uses the last token: it beats every model that ignores the context.",
      source: "Elhage et al. 2021, Zero-Layer Transformers",
      expected: "exact loss below the unigram entropy, every D and seed",
      gate: "smoke",
      check: checkUnigram,
    },
  ],
  figures: bigramFigures,
};

function* trial(config: BigramConfig, rng: Rng): Generator<number, BigramMetrics, void> {
  const { vocabulary, concentration, width, steps, batch } = config;
  const chain = markovChain({ vocabulary, concentration, rng: rng.fork("chain") });
  const model = gpt(
    { vocabulary, width, layers: 0, heads: 1, context: 1, norm: "none", position: "none", tied: false },
    rng.fork("weights"),
  );
  const optimizer = adamw(namedParameters(model), { weightDecay: 0 });
  const curve: [number, number][] = [];
  const draws = rng.fork("pairs");
  const training = train(model, {
    // Contexts of one token: every pair is a sequence of its own.
    batches: (step) => ({ ...chain.pairs(batch, draws.fork(step)), batch, context: 1 }),
    steps,
    learningRate: linear({ learningRate: config.learningRate, steps }),
    optimizer,
  });
  const stride = Math.max(1, Math.floor(steps / CURVE_POINTS));
  for (const { step, loss } of training) {
    if (step === 1 || step % stride === 0) curve.push([step, rounded(loss)]);
    yield step / steps;
  }
  optimizer.release();
  const learned = learnedTable(model);
  const kl = divergence(chain, learned);
  return {
    kl,
    unigramEntropy: chain.unigramEntropy,
    bigramEntropy: chain.bigramEntropy,
    loss: chain.bigramEntropy + kl,
    curve,
    learned: tableRows(learned, vocabulary),
    truth: tableRows(chain.transition, vocabulary),
  };
}

function checkFullRank(trials: readonly BigramTrial[]): Observation | undefined {
  const kls = trials
    .filter(({ config }) => config.width === config.vocabulary)
    .map(({ metrics }) => metrics.kl);
  if (kls.length === 0) return undefined;
  return {
    observed: kls.map((kl) => kl.toFixed(4)).join(", "),
    holds: kls.every((kl) => kl <= FULL_RANK_KL),
  };
}

function checkRank(trials: readonly BigramTrial[]): Observation | undefined {
  const seeds = [...new Set(trials.map(({ seed }) => seed))];
  const ladders = seeds.map((seed) =>
    trials
      .filter((trial) => trial.seed === seed && trial.config.width <= trial.config.vocabulary)
      .sort((a, b) => a.config.width - b.config.width)
      .map(({ config, metrics }) => ({ width: config.width, kl: metrics.kl })),
  );
  if (!ladders.every((ladder) => ladder.length >= 2)) return undefined;
  const shown = ladders.map((ladder) =>
    ladder.map(({ width, kl }) => `D ${width}: ${kl.toFixed(4)}`).join(" > "),
  );
  const falls = (ladder: readonly { kl: number }[]) =>
    ladder.every(({ kl }, i) => i === 0 || kl < ladder[i - 1]!.kl);
  const holds = ladders.every(falls);
  return { observed: holds ? shown.join("; ") : shown.join("; ").replaceAll(" > ", ", "), holds };
}

function checkUnigram(trials: readonly BigramTrial[]): Observation | undefined {
  const margins = trials.map(({ metrics }) => metrics.unigramEntropy - metrics.loss);
  const least = Math.min(...margins);
  return { observed: `by at least ${least.toFixed(3)} nats`, holds: least > 0 };
}

/** softmax(W_E W_U), row x the distribution after token x. */
function learnedTable(model: Gpt): Float32Array {
  const { vocabulary } = model.config;
  const every = Int32Array.from({ length: vocabulary }, (_, id) => id);
  return scope(() => softmax(model.logits(ids(every, [vocabulary, 1]))).values());
}

/** sum over x of pi(x) KL(P[x] || learned[x]) in nats: the loss above the chain's own entropy. */
function divergence({ vocabulary, transition, stationary }: MarkovChain, learned: ArrayLike<number>): number {
  return transition.reduce((sum, p, index) => {
    const x = Math.floor(index / vocabulary);
    return p > 0 ? sum + stationary[x]! * p * (log(p) - log(learned[index]!)) : sum;
  }, 0);
}

function tableRows(table: Float32Array | Float64Array, size: number): number[][] {
  return Array.from({ length: size }, (_, row) =>
    Array.from(table.subarray(row * size, (row + 1) * size), rounded),
  );
}

/** For figures, which need no more. */
function rounded(value: number): number {
  return Math.round(value * 1e4) / 1e4;
}
