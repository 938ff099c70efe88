// What a mask makes of the matrix of attention weights, in float64: effective ranks, the determinant, and whether what went in can be told
// from what came out.
import { entropy } from "../../analysis/entropy";
import { type Matrix, matrix, product, rowOf, transposed } from "../../analysis/matrix";
import { logDeterminant, singularValues } from "../../analysis/spectrum";
import { exp } from "../../math/exp";
import { log } from "../../math/log";
import type { Rng } from "../../tensor/rng";
import type { DirectionConfig, ExactMetrics, WeightsMetrics } from "./config";

/** Below this share of the largest, a singular value counts as nothing. */
const NOTHING = 1e-6;
/** Of a spectrum, for a figure. */
const SHOWN = 32;

/** Softmax of one head on random queries and keys of `width` channels, of everything and of the past; linear attention beside it. */
export function weightsMetrics({ tokens: n, width: d }: DirectionConfig, rng: Rng): WeightsMetrics {
  const [q, k] = ["queries", "keys"].map((name) => normals(n, d, rng.fork(name))) as [Matrix, Matrix];
  const scores = product(scaled(q, 1 / Math.sqrt(d)), transposed(k));
  const bidirectional = singularValues(softmaxRows(scores, everything));
  const causal = softmaxRows(scores, past);
  const causalValues = singularValues(causal);
  // Features e^x, whose products are the weights before rows are divided by their sums.
  const products = product(mapped(q, exp), transposed(mapped(k, exp)));
  const { sign, log: eliminated } = logDeterminant(causal);
  const values = normals(n, 1, rng.fork("values"));
  const outputs = product(causal, values);
  return {
    bidirectional: effectiveRank(bidirectional),
    causal: effectiveRank(causalValues),
    linearCausal: effectiveRank(singularValues(shareRows(products, past))),
    bidirectionalRank: rankOf(bidirectional),
    linearRank: rankOf(singularValues(shareRows(products, everything))),
    logDeterminant: logDiagonal(scores),
    eliminated,
    sign,
    condition: log(causalValues[0]! / Math.max(causalValues.at(-1)!, Number.MIN_VALUE)) / Math.LN10,
    recovered: recoveryError(causal, values, outputs),
    rounding: roundingError(causal, outputs),
    spectra: [bidirectional, causalValues].map(shownSpectrum),
  };
}

/** Matrices whose rank and determinant are known. */
export function exactMetrics(): ExactMetrics {
  const zero = matrix(8, 8);
  const places = matrix(5, 1, [-2, -1, 0, 1, 2]);
  const outer = product(places, transposed(places));
  const positive = softmaxRows(outer, everything);
  return {
    zeroDeterminant: exp(logDiagonal(zero)),
    zeroRank: rankOf(singularValues(softmaxRows(zero, everything))),
    scoreRank: rankOf(singularValues(outer)),
    positiveRank: rankOf(singularValues(positive)),
    positiveSign: logDeterminant(positive).sign,
  };
}

/** exp of the entropy of the values as shares of their sum. */
export function effectiveRank(values: readonly number[]): number {
  const sum = values.reduce((total, value) => total + value, 0);
  return exp(entropy(values.map((value) => value / sum)));
}

export function rankOf(values: readonly number[]): number {
  return values.filter((value) => value > NOTHING * values[0]!).length;
}

/** Whether row i has a weight on column j. */
type Sees = (i: number, j: number) => boolean;
const everything: Sees = () => true;
const past: Sees = (i, j) => j <= i;

/** Softmax of each row over what it sees; 0 elsewhere. */
export function softmaxRows(scores: Matrix, sees: Sees): Matrix {
  const out = matrix(scores.rows, scores.columns);
  for (let i = 0; i < scores.rows; i++) {
    const row = rowOf(scores, i).map((score, j) => (sees(i, j) ? score : -Infinity));
    const most = row.reduce((a, b) => Math.max(a, b));
    rowOf(out, i).set(row.map((score) => exp(score - most)));
  }
  return shareRows(out, sees);
}

/** What each row sees as shares of its sum; 0 elsewhere. */
function shareRows(products: Matrix, sees: Sees): Matrix {
  const out = matrix(products.rows, products.columns);
  for (let i = 0; i < products.rows; i++) {
    const row = rowOf(products, i).map((value, j) => (sees(i, j) ? value : 0));
    const sum = row.reduce((a, b) => a + b);
    rowOf(out, i).set(row.map((value) => value / sum));
  }
  return out;
}

/** The sum of ln a_ii of softmax of the past, by log-softmax: nothing is lost where a_ii itself would be 0. */
function logDiagonal(scores: Matrix): number {
  let sum = 0;
  for (let i = 0; i < scores.rows; i++) {
    const row = rowOf(scores, i).subarray(0, i + 1);
    const most = row.reduce((a, b) => Math.max(a, b));
    sum += row[i]! - most - log(row.reduce((total, score) => total + exp(score - most), 0));
  }
  return sum;
}

/** Largest error of values found again from outputs A v, row after row: each row adds one unknown. */
function recoveryError(A: Matrix, values: Matrix, outputs: Matrix): number {
  const found = new Float64Array(A.rows);
  let worst = 0;
  for (let i = 0; i < A.rows; i++) {
    const row = rowOf(A, i);
    let rest = outputs.values[i]!;
    for (let j = 0; j < i; j++) rest -= row[j]! * found[j]!;
    found[i] = rest / row[i]!;
    worst = Math.max(worst, Math.abs(found[i]! - values.values[i]!));
  }
  return worst;
}

/** Largest error of values, to first order, when each output is off by half a unit in its last place (Higham 2002, section 8.1). */
export function roundingError(A: Matrix, outputs: Matrix): number {
  const n = A.rows;
  const errors = new Float64Array(n);
  const inverse = new Float64Array(n); // one column
  for (let j = 0; j < n; j++) {
    for (let i = j; i < n; i++) {
      const row = rowOf(A, i);
      let rest = i === j ? 1 : 0;
      for (let k = j; k < i; k++) rest -= row[k]! * inverse[k]!;
      inverse[i] = rest / row[i]!;
      errors[i]! += Math.abs(inverse[i]! * outputs.values[j]!);
    }
  }
  const worst = 2 ** -53 * errors.reduce((a, b) => Math.max(a, b));
  return Math.min(worst, Number.MAX_VALUE);
}

/** Pairs of number, from 1, and value over the largest; the last one always. */
function shownSpectrum(values: readonly number[]): [number, number][] {
  const stride = Math.max(1, Math.floor(values.length / SHOWN));
  return values.flatMap((value, i): [number, number][] =>
    i % stride === 0 || i === values.length - 1 ? [[i + 1, Number((value / values[0]!).toPrecision(3))]] : [],
  );
}

export function normals(rows: number, columns: number, rng: Rng): Matrix {
  return matrix(
    rows,
    columns,
    Array.from({ length: rows * columns }, () => rng.normal()),
  );
}

export function scaled(m: Matrix, factor: number): Matrix {
  return mapped(m, (value) => factor * value);
}

function mapped(m: Matrix, f: (value: number) => number): Matrix {
  return { ...m, values: m.values.map(f) };
}
