// How far the two sides of each equation of "naive Bayes is all you need?" (Su 2023, kexue.fm/archives/9648) are apart, on random numbers.
import { exp } from "../../math/exp";
import { logSoftmax } from "../../nbce/log-probabilities";
import { nbceStep } from "../../nbce/step";
import type { Rng } from "../../tensor/rng";
import { type Bayes, logitsOf, randomBayes } from "./pooled-bayes";

export type Identities = {
  /** Weighted naive Bayes against attention: weights of softmax, and any numbers. */
  readonly softmaxWeights: number;
  readonly anyWeights: number;
  /** The last token's own opinion as a prior against a residual connection. */
  readonly residual: number;
  /** What is said of nothing held against it, beta times, against attention with that in the logits. */
  readonly prior: number;
  /** Naive Bayes with all its factors against the pooled mean with beta = t - 2. */
  readonly exact: number;
  /** Observations that are independent given the class: naive Bayes against the true posterior; and where one of them is told twice. */
  readonly posterior: number;
  readonly toldTwice: number;
};

/** Tokens seen, t - 1. */
const SEEN = 6;
const CLASSES = 6;
const OBSERVATIONS = 3;
const OUTCOMES = 5;

export function identities(vocabulary: number, width: number, rng: Rng): Identities {
  const model = randomBayes(vocabulary, width, 1, rng.fork("model"));
  const draws = rng.fork("weights");
  const seen = Array.from({ length: SEEN }, () => draws.integer(vocabulary));
  const rows = seen.map((x) => logSoftmax(logitsOf(model, x)));
  const numbers = Array.from({ length: SEEN }, () => draws.normal());
  const shares = Array.from(logSoftmax(numbers), exp);
  const nothing = Float64Array.from({ length: vocabulary }, () => draws.normal());
  const last = seen.length - 1;
  const beta = 0.7;
  const pooled = sum(rows, shares);
  const bayes = nbceStep([nothing, ...rows], {}, { pool: "weighted", weights: shares, beta, topP: 1 });
  const naive = nbceStep([nothing, ...rows], {}, { pool: "mean", beta: SEEN - 1, topP: 1 });
  const attention = attended(model, seen, shares);
  return {
    softmaxWeights: apart(logSoftmax(pooled), logSoftmax(attention)),
    anyWeights: apart(logSoftmax(sum(rows, numbers)), logSoftmax(attended(model, seen, numbers))),
    residual: apart(
      logSoftmax(sum([rows[last]!, pooled], [1, 1])),
      logSoftmax(
        attended(
          model,
          seen,
          shares.map((share, j) => share + (j === last ? 1 : 0)),
        ),
      ),
    ),
    prior: apart(bayes.logProbabilities, logSoftmax(sum([attention, nothing], [1 + beta, -beta]))),
    exact: apart(
      naive.logProbabilities,
      logSoftmax(sum([...rows, logSoftmax(nothing)], [...rows.map(() => 1), 1 - SEEN])),
    ),
    ...observations(rng.fork("observations")),
  };
}

/** (sum_j a_j v(x_j)) w(y) for all y. */
function attended(model: Bayes, seen: readonly number[], weights: readonly number[]): Float64Array {
  const { width } = model;
  const mixed = new Float64Array(width);
  for (const [j, x] of seen.entries())
    for (let c = 0; c < width; c++) mixed[c]! += weights[j]! * model.seen[x * width + c]!;
  return Float64Array.from({ length: model.vocabulary }, (_, y) =>
    mixed.reduce((total, value, c) => total + value * model.said[y * width + c]!, 0),
  );
}

/** Of a class with a prior, seen through independent observations: what each alone says of it makes what they say together. */
function observations(rng: Rng): Pick<Identities, "posterior" | "toldTwice"> {
  const distribution = (size: number) => logSoftmax(Array.from({ length: size }, () => rng.normal()));
  const prior = distribution(CLASSES);
  // ln p(S_k | class), one row for each class.
  const tables = Array.from({ length: OBSERVATIONS }, () =>
    Array.from({ length: CLASSES }, () => distribution(OUTCOMES)),
  );
  const observed = tables.map(() => rng.integer(OUTCOMES));
  const likelihood = (k: number) => tables[k]!.map((row) => row[observed[k]!]!);
  const each = tables.map((_, k) => logSoftmax(sum([prior, Float64Array.from(likelihood(k))], [1, 1])));
  const naive = (rows: readonly Float64Array[]) =>
    nbceStep([prior, ...rows], {}, { pool: "mean", beta: rows.length - 1, topP: 1 }).logProbabilities;
  const truth = logSoftmax(
    prior.map((value, c) => value + tables.reduce((total, _, k) => total + likelihood(k)[c]!, 0)),
  );
  return {
    posterior: apart(naive(each), truth),
    // Half the sum of differences of the probabilities.
    toldTwice: naive([...each, each[0]!]).reduce(
      (total, value, c) => total + Math.abs(exp(value) - exp(truth[c]!)) / 2,
      0,
    ),
  };
}

function sum(rows: readonly Float64Array[], weights: readonly number[]): Float64Array {
  return rows[0]!.map((_, i) => rows.reduce((total, row, j) => total + weights[j]! * row[i]!, 0)); // at least one, all alike
}

function apart(a: Float64Array, b: Float64Array): number {
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);
}
