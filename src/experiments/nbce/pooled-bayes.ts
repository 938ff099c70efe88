// Two small language models with the same parameters, in float64 with gradients written out: an attention layer, and naive Bayes over the
// tokens seen (Su 2023, kexue.fm/archives/9648). The post says that they are one model; here each is computed as it is defined.
import { exp } from "../../math/exp";
import { log } from "../../math/log";
import { logSoftmax } from "../../nbce/log-probabilities";
import type { Rng } from "../../tensor/rng";

/** Rows of `width` numbers, one for each token of the vocabulary. */
export interface Bayes {
  readonly vocabulary: number;
  readonly width: number;
  /** v(x), what a token seen says, and w(y), by which a token is said: p(y | x) = softmax_y v(x) w(y). */
  readonly seen: Float64Array;
  readonly said: Float64Array;
  /** q of the last token and k of the others: who is listened to. */
  readonly query: Float64Array;
  readonly key: Float64Array;
}

export const PARTS = ["seen", "said", "query", "key"] as const;

export function randomBayes(vocabulary: number, width: number, deviation: number, rng: Rng): Bayes {
  const table = (name: string) => {
    const draws = rng.fork(name);
    return Float64Array.from({ length: vocabulary * width }, () => deviation * draws.normal());
  };
  return {
    ...{ vocabulary, width },
    ...{ seen: table("seen"), said: table("said"), query: table("query"), key: table("key") },
  };
}

export type Gradients = Pick<Bayes, (typeof PARTS)[number]>;

export function zeros({ vocabulary, width }: Bayes): Gradients {
  const table = () => new Float64Array(vocabulary * width);
  return { seen: table(), said: table(), query: table(), key: table() };
}

/** How the tokens seen, with their weights, become a loss for the token that came; adds the gradients and gives that of the weights. */
export type Read = (
  model: Bayes,
  given: { readonly seen: readonly number[]; readonly weights: Float64Array; readonly target: number },
  gradients: Gradients,
) => { readonly loss: number; readonly dWeights: Float64Array };

/** Attention: the mean of v, then one product with all of w, then softmax. */
export const attend: Read = (model, { seen, weights, target }, gradients) => {
  const { vocabulary, width } = model;
  const mixed = new Float64Array(width);
  for (const [j, x] of seen.entries()) axpy(mixed, weights[j]!, row(model.seen, x, width));
  const logits = Float64Array.from({ length: vocabulary }, (_, y) => dot(mixed, row(model.said, y, width)));
  const slopes = logSoftmax(logits);
  const loss = -slopes[target]!;
  const errors = slopes.map((value, y) => exp(value) - (y === target ? 1 : 0));
  const dMixed = new Float64Array(width);
  for (let y = 0; y < vocabulary; y++) {
    axpy(row(gradients.said, y, width), errors[y]!, mixed);
    axpy(dMixed, errors[y]!, row(model.said, y, width));
  }
  const dWeights = Float64Array.from(seen, (x) => dot(dMixed, row(model.seen, x, width)));
  for (const [j, x] of seen.entries()) axpy(row(gradients.seen, x, width), weights[j]!, dMixed);
  return { loss, dWeights };
};

/** Naive Bayes: a distribution for every token seen, the weighted mean of their logarithms, normalised. */
export const pool: Read = (model, { seen, weights, target }, gradients) => {
  const { vocabulary } = model;
  const rows = seen.map((x) => logSoftmax(logitsOf(model, x)));
  const pooled = new Float64Array(vocabulary);
  for (const [j, logs] of rows.entries()) axpy(pooled, weights[j]!, logs);
  const slopes = logSoftmax(pooled);
  const loss = -slopes[target]!;
  const errors = slopes.map((value, y) => exp(value) - (y === target ? 1 : 0));
  const dWeights = Float64Array.from(rows, (logs) => dot(errors, logs));
  for (const [j, x] of seen.entries())
    backThroughRow(model, { x, logs: rows[j]!, weight: weights[j]!, errors }, gradients);
  return { loss, dWeights };
};

/** What is not the same: the logarithm of the mean, a mixture of the tokens' opinions. */
export const mix: Read = (model, { seen, weights, target }, gradients) => {
  const rows = seen.map((x) => logSoftmax(logitsOf(model, x)));
  const shares = rows.map((logs, j) => weights[j]! * exp(logs[target]!));
  const total = shares.reduce((a, b) => a + b, 0);
  const dWeights = Float64Array.from(rows, (logs) => -exp(logs[target]!) / total);
  for (const [j, x] of seen.entries()) {
    // d of -ln sum_j a_j p_j(target) by ln p_j is -share, of which the row's softmax takes the rest.
    const errors = rows[j]!.map((value, y) => exp(value) - (y === target ? 1 : 0));
    descend(
      model,
      x,
      errors.map((error) => (shares[j]! / total) * error),
      gradients,
    );
  }
  return { loss: -log(total), dWeights };
};

/** The gradient of weight * logSoftmax(v(x) w) under errors: the normaliser takes the sum of the errors, which is nearly zero. */
function backThroughRow(
  model: Bayes,
  { x, logs, weight, errors }: { x: number; logs: Float64Array; weight: number; errors: Float64Array },
  gradients: Gradients,
): void {
  const sum = errors.reduce((a, b) => a + b, 0);
  descend(
    model,
    x,
    errors.map((error, y) => weight * (error - exp(logs[y]!) * sum)),
    gradients,
  );
}

/** Adds the gradients of logits v(x) w of one token seen. */
function descend(model: Bayes, x: number, dLogits: Float64Array, gradients: Gradients): void {
  const { width } = model;
  const from = row(model.seen, x, width);
  const to = row(gradients.seen, x, width);
  for (const [y, slope] of dLogits.entries()) {
    axpy(row(gradients.said, y, width), slope, from);
    axpy(to, slope, row(model.said, y, width));
  }
}

/**
 * The mean loss in nats of next tokens over the sequences, from the second token on, and its gradients. The weights of the tokens seen are
 * softmax_j q(last) k(x_j) / sqrt(width).
 */
export function lossOf(model: Bayes, sequences: readonly Int32Array[], read: Read) {
  const { width } = model;
  const gradients = zeros(model);
  const scale = 1 / Math.sqrt(width);
  let loss = 0;
  let count = 0;
  for (const tokens of sequences) {
    for (let t = 1; t < tokens.length; t++) {
      const seen = Array.from(tokens.subarray(0, t));
      const last = seen.at(-1)!; // t is above 0
      const query = row(model.query, last, width);
      const weights = logSoftmax(seen.map((x) => scale * dot(query, row(model.key, x, width)))).map(exp);
      const result = read(model, { seen, weights, target: tokens[t]! }, gradients);
      loss += result.loss;
      count += 1;
      const centre = dot(result.dWeights, weights);
      for (const [j, x] of seen.entries()) {
        const slope = scale * weights[j]! * (result.dWeights[j]! - centre);
        axpy(row(gradients.query, last, width), slope, row(model.key, x, width));
        axpy(row(gradients.key, x, width), slope, query);
      }
    }
  }
  for (const part of PARTS)
    for (const [i, value] of gradients[part].entries()) gradients[part][i] = value / count;
  return { loss: loss / count, gradients };
}

/** A step of gradient descent, in place. */
export function descendAll(model: Bayes, gradients: Gradients, rate: number): void {
  for (const part of PARTS) axpy(model[part], -rate, gradients[part]);
}

export function logitsOf({ said, seen, vocabulary, width }: Bayes, x: number): Float64Array {
  return Float64Array.from({ length: vocabulary }, (_, y) => dot(row(seen, x, width), row(said, y, width)));
}

function row(table: Float64Array, index: number, width: number): Float64Array {
  return table.subarray(index * width, (index + 1) * width);
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

/** to += factor x. */
function axpy(to: Float64Array, factor: number, x: Float64Array): void {
  for (let i = 0; i < to.length; i++) to[i]! += factor * x[i]!;
}
