// Is an attention layer a naive Bayes classifier (Su 2023, kexue.fm/archives/9648)?
//
// Naive Bayes weighs what every token seen says about the next by itself: ln p = sum_j a_j ln p(y | x_j) + constant. With p(y | x) =
// softmax v(x) w(y) the normalisers do not depend on y, and what is left is attention: (sum_j a_j v(x_j)) w(y). Both are computed here as
// they are defined, the equations on random numbers, and the two models over steps of gradient descent on a bigram language.
//
// We would change our mind if the two sides came apart beyond rounding, or if a mixture of the same opinions, the logarithm of their mean,
// stayed with them too: then the identity would say nothing about logarithms.
import { markovChain } from "../data/markov";
import type { Rng } from "../tensor/rng";
import type { Experiment, Trial } from "./experiment";
import type { Figure } from "./figure";
import { type Identities, identities } from "./nbce/bayes-identities";
import {
  attend,
  type Bayes,
  descendAll,
  lossOf,
  mix,
  PARTS,
  pool,
  type Read,
  randomBayes,
} from "./nbce/pooled-bayes";

export type NaiveBayesConfig = {
  readonly vocabulary: number;
  readonly width: number;
  /** Tokens of a sequence, and sequences of a step. */
  readonly context: number;
  readonly batch: number;
  readonly steps: number;
  readonly learningRate: number;
};

export type NaiveBayesMetrics = Identities & {
  /** Largest difference of any parameter over all steps: of pooled naive Bayes from attention, and of a mixture from it. */
  readonly pooledApart: number;
  readonly mixedApart: number;
  /** Largest difference of any element of the gradients at the first step, over the largest element. */
  readonly gradientApart: number;
  /** Step, and the mean losses of attention, naive Bayes and mixture since the row before. */
  readonly losses: readonly (readonly [step: number, attention: number, pooled: number, mixed: number])[];
  /** Step, and the differences so far. */
  readonly apart: readonly (readonly [step: number, pooled: number, mixed: number])[];
  /** Nats, of the language without context. */
  readonly unigramEntropy: number;
};

export type NaiveBayesTrial = Trial<NaiveBayesConfig, NaiveBayesMetrics>;

const base = { vocabulary: 30, width: 8, context: 10, batch: 4, learningRate: 8 } as const;
/** Of float64 sums of a few dozen numbers in another order. */
const EQUAL = 1e-11;
/** The post's bound on trajectories. */
const TOGETHER = 1e-5;
const CURVE_POINTS = 40;
const POST = "Su 2023, Naive Bayes is all you need?, kexue.fm/archives/9648";

export const naiveBayesAttention: Experiment<NaiveBayesConfig, NaiveBayesMetrics> = {
  name: "naive-bayes-attention",
  question: "Is an attention layer a naive Bayes classifier?",
  paper: POST,
  grid: {
    smoke: { configs: [{ ...base, steps: 100 }], seeds: [0], budgetSeconds: 4 },
    full: {
      configs: [
        { ...base, steps: 100 },
        { ...base, steps: 400 },
      ],
      seeds: [0, 1, 2],
      budgetSeconds: 20,
    },
  },
  trial,
  claims: [
    equation(
      "attention-is-pooled-bayes",
      "Naive Bayes weighted by softmax is attention, and so it is with any weights.",
      ["softmaxWeights", "anyWeights"],
    ),
    equation(
      "residual-is-the-last-token",
      "A residual connection is the last token's own opinion as a further factor.",
      ["residual"],
    ),
    equation(
      "prior-is-subtracted",
      "What is said of nothing, held against it beta times, is subtracted from the logits; with beta = t - 2 and a mean it is naive Bayes itself.",
      ["prior", "exact"],
    ),
    {
      id: "posterior",
      statement:
        "Of observations that are independent given the class naive Bayes makes the true posterior; one that is told twice counts twice.",
      source: `${POST}, first equation; control own`,
      expected: `log-probabilities within ${EQUAL}; told twice at least 0.01 apart in total variation, every seed`,
      gate: "smoke",
      check(trials) {
        const far = Math.max(...trials.map(({ metrics }) => metrics.posterior));
        const twice = Math.min(...trials.map(({ metrics }) => metrics.toldTwice));
        return {
          observed: `${far.toExponential(1)}; ${twice.toFixed(3)}`,
          holds: far <= EQUAL && twice >= 0.01,
        };
      },
    },
    {
      id: "one-trajectory",
      statement: "Gradient descent takes attention and naive Bayes along one trajectory.",
      source: `${POST}; trajectories own`,
      expected: `all parameters within ${TOGETHER.toExponential()} over 100 steps, every seed`,
      gate: "smoke",
      check(trials) {
        const hundred = trials.filter(({ config }) => config.steps === 100);
        if (hundred.length === 0) return undefined;
        const far = Math.max(...hundred.map(({ metrics }) => metrics.pooledApart));
        const slope = Math.max(...hundred.map(({ metrics }) => metrics.gradientApart));
        return {
          observed: `${far.toExponential(1)}, gradients ${slope.toExponential(1)} of the largest`,
          holds: far <= TOGETHER,
        };
      },
    },
    {
      id: "a-mixture-is-another-model",
      statement: "The logarithm of the mean of the same opinions is another model: it leaves at once.",
      source: "own",
      expected: "some parameter more than 0.01 away after 100 steps, every seed",
      gate: "smoke",
      check(trials) {
        const near = Math.min(...trials.map(({ metrics }) => metrics.mixedApart));
        return { observed: near.toFixed(3), holds: near > 0.01 };
      },
    },
    {
      id: "learns-the-language",
      statement: "The model learns: tokens seen tell more than none.",
      source: "own",
      expected: "loss below the entropy without context after 400 steps, every seed",
      gate: "full",
      check(trials) {
        const long = trials.filter(({ config }) => config.steps === 400);
        if (long.length === 0) return undefined;
        const left = long.map(({ metrics }) => metrics.unigramEntropy - metrics.losses.at(-1)![1]); // one a step at least
        return {
          observed: `${Math.min(...left).toFixed(3)} nats below`,
          holds: left.every((gain) => gain > 0),
        };
      },
    },
  ],
  figures,
};

type Equation = Exclude<keyof Identities, "toldTwice">;

function equation(id: string, statement: string, names: readonly Equation[]) {
  return {
    id,
    statement,
    source: POST,
    expected: `log-probabilities within ${EQUAL}, every seed`,
    gate: "smoke" as const,
    check(trials: readonly NaiveBayesTrial[]) {
      const far = names.map((name) => Math.max(...trials.map(({ metrics }) => metrics[name])));
      return {
        observed: far.map((value) => value.toExponential(1)).join(", "),
        holds: far.every((value) => value <= EQUAL),
      };
    },
  };
}

function* trial(config: NaiveBayesConfig, rng: Rng): Generator<number, NaiveBayesMetrics, void> {
  const { vocabulary, width, context, batch, steps, learningRate } = config;
  const chain = markovChain({ vocabulary, concentration: 0.3, rng: rng.fork("chain") });
  const reads: readonly Read[] = [attend, pool, mix];
  const models = reads.map(() => randomBayes(vocabulary, width, 0.3, rng.fork("start")));
  const losses: [number, number, number, number][] = [];
  const apart: [number, number, number][] = [];
  const stride = Math.ceil(steps / CURVE_POINTS);
  let since: [number, number, number][] = [];
  let gradientApart = 0;
  const far = [0, 0];
  for (let step = 1; step <= steps; step++) {
    const sequences = Array.from({ length: batch }, (_, b) =>
      chain.sequence(context, rng.fork("text", step, b)),
    );
    const results = reads.map((read, m) => lossOf(models[m]!, sequences, read));
    const [attention, pooled, mixed] = results as [Result, Result, Result]; // one for each reading
    if (step === 1)
      gradientApart = largest(pooled.gradients, attention.gradients) / largest(attention.gradients);
    for (const [m, { gradients }] of results.entries()) descendAll(models[m]!, gradients, learningRate);
    for (const other of [0, 1]) far[other] = Math.max(far[other]!, largest(models[other + 1]!, models[0]!));
    since.push([attention.loss, pooled.loss, mixed.loss]);
    if (step % stride === 0) {
      const mean = (m: 0 | 1 | 2) => since.reduce((sum, each) => sum + each[m], 0) / since.length;
      losses.push([step, mean(0), mean(1), mean(2)]);
      apart.push([step, far[0]!, far[1]!]);
      since = [];
    }
    yield step / steps;
  }
  return {
    ...identities(vocabulary, width, rng.fork("identities")),
    ...{ pooledApart: far[0]!, mixedApart: far[1]!, gradientApart, losses, apart },
    unigramEntropy: chain.unigramEntropy,
  };
}

type Result = ReturnType<typeof lossOf>;
type Tables = Pick<Bayes, (typeof PARTS)[number]>;

/** The largest element, or difference of two elements. */
function largest(a: Tables, b?: Tables): number {
  return PARTS.reduce(
    (most, part) => a[part].reduce((m, value, i) => Math.max(m, Math.abs(value - (b?.[part][i] ?? 0))), most),
    0,
  );
}

function figures(trials: readonly NaiveBayesTrial[]): Figure[] {
  const [shown] = trials.toSorted((a, b) => b.config.steps - a.config.steps || a.seed - b.seed);
  if (!shown) return [];
  const { losses, apart, unigramEntropy } = shown.metrics;
  const curve = (column: 1 | 2 | 3) => losses.map((row) => ({ x: row[0], y: row[column] }));
  return [
    {
      title: "Two definitions, one model",
      caption: `Loss over ${shown.config.steps} steps of gradient descent from the same start, seed ${shown.seed}: attention and naive Bayes lie on one another, the mixture of the same opinions does not.`,
      plot: {
        kind: "line",
        x: { label: "step" },
        y: { label: "loss (nats per token)" },
        series: [
          { name: "attention", points: curve(1) },
          { name: "naive Bayes, pooled", points: curve(2), look: "points" },
          { name: "mixture", points: curve(3) },
        ],
        references: [{ value: unigramEntropy, label: "entropy without context" }],
      },
    },
    {
      title: "How far from attention",
      caption:
        "The largest difference of any parameter so far. Rounding keeps naive Bayes away, and nothing else.",
      plot: {
        kind: "line",
        x: { label: "step" },
        y: { label: "largest difference", log: true },
        series: [
          { name: "naive Bayes, pooled", points: apart.map(([x, y]) => ({ x, y })) },
          { name: "mixture", points: apart.map(([x, , y]) => ({ x, y })) },
        ],
        references: [{ value: TOGETHER, label: "1e-5" }],
      },
    },
  ];
}
