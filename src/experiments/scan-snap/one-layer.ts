// The one-layer attention model of Scan and Snap in (Y, Z) form, float64: its loss and exact gradients for one context. Only token
// counts matter, so a context is its class's support with a count (or a probability) for each entry.
import { exp } from "../../math/exp";
import { log, log1p } from "../../math/log";
import type { TokenClass } from "./classes";

/** Y[l, j]: how much attended token l speaks for next token j. Z[m, l]: how much query m attends to token l. Both M x M, row-major. */
export interface OneLayer {
  readonly tokens: number;
  readonly Y: Float64Array;
  readonly Z: Float64Array;
}

export function zeroLayer(tokens: number): OneLayer {
  return { tokens, Y: new Float64Array(tokens * tokens), Z: new Float64Array(tokens * tokens) };
}

/**
 * With c ~ counts e^z, f = c / ||c||, o = Y^T f, alpha = softmax(o): the loss is -ln alpha_label, and (Lemma 1)
 *
 *     dY = f (e_label - alpha)^T        dz = f o (g - f (f.g)),  g = Y (e_label - alpha)
 *
 * where dz is the row of the query. Near zero the loss is ln(1 + share of the other tokens), and 1 - alpha_label that share, so that
 * neither cancels. The query attends to its context only and never reaches the decoder.
 *
 * @returns a function that adds `share` times the ascent direction to `gradient` and returns the loss in nats
 */
export function contextGradient(
  model: OneLayer,
  gradient: OneLayer,
  largestSupport: number,
): ContextGradient {
  const { tokens: M, Y, Z } = model;
  const { Y: dY, Z: dZ } = gradient;
  const f = new Float64Array(largestSupport + 3); // the padding lets rows be taken four at a time
  const g = new Float64Array(largestSupport + 3);
  const rows = new Int32Array(largestSupport + 3);
  const residual = new Float64Array(M);

  return ({ support, query, label }, counts, share) => {
    const S = support.length;
    const padded = (S + 3) & ~3;
    attend(Z, query * M, support, counts, f);
    for (let i = 0; i < S; i++) rows[i] = support[i]! * M;
    for (let i = S; i < padded; i++) {
      f[i] = 0;
      rows[i] = 0;
    }
    residual.fill(0);
    for (let i = 0; i < padded; i += 4) addRows(residual, Y, rows, f, i, M);
    const loss = intoResidual(residual, label);
    for (let i = 0; i < padded; i += 4) dotRows(g, Y, rows, residual, i, M);
    let along = 0;
    for (let i = 0; i < S; i++) along += f[i]! * g[i]!;
    for (let i = 0; i < S; i++) {
      const part = share * f[i]!;
      dZ[query * M + support[i]!]! += part * (g[i]! - f[i]! * along);
      if (part === 0) continue;
      const row = rows[i]!;
      for (let j = 0; j < M; j++) dY[row + j]! += part * residual[j]!;
    }
    return loss;
  };
}

export type ContextGradient = (context: TokenClass, counts: ArrayLike<number>, share: number) => number;

/** f = c / ||c|| with c_i = counts_i e^(z_i); the largest z is taken out, which f does not feel. */
function attend(
  Z: Float64Array,
  row: number,
  support: Int32Array,
  counts: ArrayLike<number>,
  f: Float64Array,
): void {
  let largest = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < support.length; i++) {
    if (counts[i]! > 0) largest = Math.max(largest, Z[row + support[i]!]!);
  }
  let squares = 0;
  for (let i = 0; i < support.length; i++) {
    const c = counts[i]! > 0 ? counts[i]! * exp(Z[row + support[i]!]! - largest) : 0;
    f[i] = c;
    squares += c * c;
  }
  const norm = Math.sqrt(squares);
  for (let i = 0; i < support.length; i++) f[i]! /= norm;
}

/** Logits become e_label - softmax(logits); returns the loss. */
function intoResidual(logits: Float64Array, label: number): number {
  const M = logits.length;
  let largest = logits[0]!;
  for (let j = 1; j < M; j++) if (logits[j]! > largest) largest = logits[j]!;
  const lead = logits[label]! - largest;
  let others = 0;
  for (let j = 0; j < M; j++) {
    const weight = exp(logits[j]! - largest);
    logits[j] = weight;
    if (j !== label) others += weight;
  }
  const own = logits[label]!;
  const scale = -1 / (own + others);
  for (let j = 0; j < M; j++) logits[j]! *= scale;
  logits[label] = -others * scale;
  return others < own ? log1p(others / own) : log(own + others) - lead;
}

/** sum += four rows, each times its factor: one pass over the sum instead of four. */
function addRows(
  sum: Float64Array,
  Y: Float64Array,
  rows: Int32Array,
  f: Float64Array,
  i: number,
  M: number,
): void {
  const [a, b, c, d] = [rows[i]!, rows[i + 1]!, rows[i + 2]!, rows[i + 3]!];
  const [fa, fb, fc, fd] = [f[i]!, f[i + 1]!, f[i + 2]!, f[i + 3]!];
  for (let j = 0; j < M; j++) sum[j]! += fa * Y[a + j]! + fb * Y[b + j]! + fc * Y[c + j]! + fd * Y[d + j]!;
}

function dotRows(
  g: Float64Array,
  Y: Float64Array,
  rows: Int32Array,
  x: Float64Array,
  i: number,
  M: number,
): void {
  const [a, b, c, d] = [rows[i]!, rows[i + 1]!, rows[i + 2]!, rows[i + 3]!];
  let [ga, gb, gc, gd] = [0, 0, 0, 0];
  for (let j = 0; j < M; j++) {
    const value = x[j]!;
    ga += Y[a + j]! * value;
    gb += Y[b + j]! * value;
    gc += Y[c + j]! * value;
    gd += Y[d + j]! * value;
  }
  g[i] = ga;
  g[i + 1] = gb;
  g[i + 2] = gc;
  g[i + 3] = gd;
}
