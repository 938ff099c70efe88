// A random Markov chain as a language whose entropies are known exactly: what a bigram model can learn, and how far.
import { exp } from "../math/exp";
import { log } from "../math/log";
import type { Rng } from "../tensor/rng";

export interface MarkovChain {
  readonly vocabulary: number;
  /** Row-stochastic P [vocabulary, vocabulary]: P[x, y] = p(y follows x). */
  readonly transition: Float64Array;
  /** The distribution pi [vocabulary] with pi P = pi. */
  readonly stationary: Float64Array;
  /** H(pi) in nats: the floor of a unigram model. */
  readonly unigramEntropy: number;
  /** sum_x pi[x] H(P[x]) in nats: the floor of any model. */
  readonly bigramEntropy: number;
  /** `count` independent pairs: inputs ~ pi, targets ~ P[input]. */
  pairs(count: number, rng: Rng): { inputs: Int32Array; targets: Int32Array };
  /** One stretch of `length` tokens, the first ~ pi. */
  sequence(length: number, rng: Rng): Int32Array;
}

/**
 * A chain whose rows are independent draws from Dirichlet(concentration, ..., concentration): small concentrations give rows with
 * few likely successors, 1 is uniform over all rows.
 * @throws RangeError unless vocabulary is a whole number of at least 2 and 0.05 <= concentration <= 1e6
 */
export function markovChain(options: {
  readonly vocabulary: number;
  readonly concentration: number;
  readonly rng: Rng;
}): MarkovChain {
  const { vocabulary: V, concentration, rng } = options;
  if (!(Number.isInteger(V) && V >= 2)) {
    throw new RangeError(`markov: vocabulary must be a whole number of at least 2, got ${V}`);
  }
  if (!(concentration >= 0.05 && concentration <= 1e6)) {
    throw new RangeError(`markov: concentration must lie between 0.05 and 1e6, got ${concentration}`);
  }
  const transition = new Float64Array(V * V);
  for (let x = 0; x < V; x++) transition.set(dirichlet(V, concentration, rng), x * V);
  const rows = Array.from({ length: V }, (_, x) => transition.subarray(x * V, x * V + V));
  const stationary = stationaryOf(transition, V);
  const draw = (probabilities: Float64Array, from: Rng) => from.weighted(probabilities);
  return {
    vocabulary: V,
    transition,
    stationary,
    unigramEntropy: entropy(stationary),
    bigramEntropy: rows.reduce((sum, row, x) => sum + stationary[x]! * entropy(row), 0),
    pairs(count, from) {
      const inputs = Int32Array.from({ length: count }, () => draw(stationary, from));
      return { inputs, targets: inputs.map((x) => draw(rows[x]!, from)) };
    },
    sequence(length, from) {
      const tokens = new Int32Array(length);
      for (let i = 0; i < length; i++) tokens[i] = draw(i === 0 ? stationary : rows[tokens[i - 1]!]!, from);
      return tokens;
    },
  };
}

/** Normalised gamma draws; in logarithms, since a gamma of small shape is often below the smallest float64. */
function dirichlet(size: number, concentration: number, rng: Rng): Float64Array {
  const logs = Float64Array.from({ length: size }, () => logGamma(concentration, rng));
  const top = logs.reduce((a, b) => Math.max(a, b));
  const weights = logs.map((value) => exp(value - top));
  const sum = weights.reduce((a, b) => a + b, 0);
  return weights.map((weight) => weight / sum);
}

/** The logarithm of a Gamma(shape, 1) draw. Marsaglia and Tsang 2000: d v with v = (1 + c z)^3; shapes below 1 by their section 6. */
function logGamma(shape: number, rng: Rng): number {
  if (shape < 1) return logGamma(shape + 1, rng) + log(1 - rng.uniform()) / shape;
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const z = rng.normal();
    const root = 1 + c * z;
    if (root <= 0) continue;
    const v = root * root * root;
    if (log(1 - rng.uniform()) < 0.5 * z * z + d * (1 - v + log(v))) return log(d) + log(v);
  }
}

/**
 * pi with pi P = pi by elimination without subtraction (Grassmann, Taksar and Heyman 1985), which keeps full relative accuracy.
 * States are removed from the last on; `p` then holds the chain watched on the states that are left.
 */
function stationaryOf(transition: Float64Array, V: number): Float64Array {
  const p = transition.slice();
  for (let k = V - 1; k > 0; k--) {
    let leaving = 0;
    for (let j = 0; j < k; j++) leaving += p[k * V + j]!;
    for (let i = 0; i < k; i++) {
      const share = p[i * V + k]! / leaving;
      p[i * V + k] = share;
      for (let j = 0; j < k; j++) p[i * V + j]! += share * p[k * V + j]!;
    }
  }
  const pi = new Float64Array(V);
  pi[0] = 1;
  for (let k = 1; k < V; k++) {
    for (let i = 0; i < k; i++) pi[k]! += pi[i]! * p[i * V + k]!;
  }
  const sum = pi.reduce((a, b) => a + b, 0);
  return pi.map((value) => value / sum);
}

/** In nats; 0 ln 0 = 0. */
function entropy(probabilities: Float64Array): number {
  return probabilities.reduce((sum, p) => (p > 0 ? sum - p * log(p) : sum), 0);
}
