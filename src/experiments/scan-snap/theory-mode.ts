// Attention as the theory has it (arXiv:2305.16380, sections 5 and 6): the decoder is always where theorem 5 puts it for the present f_n,
// so that theorems 2 and 3 are exact. Float64, classic Runge-Kutta in time. One query, which all K classes share.
//
//     c~_n = P(.|n) e^z,  f_n = c~_n / ||c~_n||,  F = [f_1 .. f_K],  G = F^T F
//     a = gamma(t) G^-1 v with v_n = 1 + 1/(M-1), other entries -M/(M-1)^2           Y (e_n - alpha_n) = F a
//     dz/dt = etaZ sum_n f_n o (g_n - f_n (f_n . g_n)),  g_n = F a                      (lemma 4; a sum, without the 1/K of sampling)
//     xi_n = -sum_(k != n) a_k G_nk,  dB_n/dt = etaZ xi_n                               (theorem 2)
import { exp } from "../../math/exp";
import type { Classes } from "./classes";
import { gamma } from "./theory";

export interface TheoryModeOptions {
  readonly etaY: number;
  readonly etaZ: number;
  /** Length of a step of time. */
  readonly step: number;
}

export interface TheoryState {
  readonly t: number;
  /** Attention logits of the query, for the context tokens (the first ids). */
  readonly z: Float64Array;
  /** B_n [K]. */
  readonly B: Float64Array;
}

/** z = 0 and B = 0 at t = 0, then the state after every step. The arrays are the caller's. */
export function* theoryMode(data: Classes, options: TheoryModeOptions): Generator<TheoryState, never> {
  const { step } = options;
  const L = contextTokens(data);
  const slope = slopes(data, options);
  // z and B in one vector, as they move together.
  const state = new Float64Array(L + data.classes.length);
  for (let count = 0; ; count++) {
    const t = count * step;
    yield { t, z: state.slice(0, L), B: state.slice(L) };
    const k1 = slope(t, state);
    const k2 = slope(t + step / 2, along(state, k1, step / 2));
    const k3 = slope(t + step / 2, along(state, k2, step / 2));
    const k4 = slope(t + step, along(state, k3, step));
    for (let i = 0; i < state.length; i++)
      state[i]! += (step / 6) * (k1[i]! + 2 * k2[i]! + 2 * k3[i]! + k4[i]!);
  }
}

/** How many ids, from 0 on, occur in contexts: queries and labels get no attention and would only cost time. */
function contextTokens({ classes }: Classes): number {
  return 1 + Math.max(...classes.flatMap(({ support }) => [...support]));
}

/** f_n over the context tokens, of length 1. */
function features({ classes }: Classes, z: Float64Array, L: number): Float64Array[] {
  const powers = z.subarray(0, L).map(exp);
  return classes.map(({ support, probabilities }) => {
    const f = new Float64Array(L);
    let squares = 0;
    for (let i = 0; i < support.length; i++) {
      const c = probabilities[i]! * powers[support[i]!]!;
      f[support[i]!] = c;
      squares += c * c;
    }
    const norm = Math.sqrt(squares);
    return f.map((c) => c / norm);
  });
}

function slopes(
  data: Classes,
  { etaY, etaZ }: TheoryModeOptions,
): (t: number, state: Float64Array) => Float64Array {
  const { tokens: M, classes } = data;
  const K = classes.length;
  const L = contextTokens(data);
  const own = 1 + 1 / (M - 1);
  const other = -M / ((M - 1) * (M - 1));
  return (t, state) => {
    const F = features(data, state, L);
    const G = F.map((f) => F.map((g) => dot(f, g)));
    const speed = gamma({ tokens: M, classes: K, etaY }, t);
    const inverse = G.map((_, n) =>
      solve(
        G,
        G.map((_, k) => (k === n ? own : other)),
      ),
    );
    const slope = new Float64Array(L + K);
    for (let n = 0; n < K; n++) {
      const a = inverse[n]!.map((value) => speed * value);
      const f = F[n]!;
      let along = 0;
      let xi = 0;
      for (let k = 0; k < K; k++) {
        along += a[k]! * G[n]![k]!;
        if (k !== n) xi -= a[k]! * G[n]![k]!;
      }
      for (const l of classes[n]!.support) {
        let g = 0;
        for (let k = 0; k < K; k++) g += F[k]![l]! * a[k]!;
        slope[l]! += etaZ * f[l]! * (g - f[l]! * along);
      }
      slope[L + n] = etaZ * xi;
    }
    return slope;
  };
}

function along(state: Float64Array, slope: Float64Array, by: number): Float64Array {
  return state.map((value, i) => value + by * slope[i]!);
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

/** x with A x = b for a symmetric positive definite A of a few rows, by elimination without pivots. */
function solve(A: readonly (readonly number[])[], b: readonly number[]): number[] {
  const rows = A.map((row, i) => [...row, b[i]!]);
  const size = rows.length;
  for (let i = 0; i < size; i++) {
    for (let below = i + 1; below < size; below++) {
      const factor = rows[below]![i]! / rows[i]![i]!;
      for (let j = i; j <= size; j++) rows[below]![j]! -= factor * rows[i]![j]!;
    }
  }
  const x = Array<number>(size).fill(0);
  for (let i = size - 1; i >= 0; i--) {
    let rest = rows[i]![size]!;
    for (let j = i + 1; j < size; j++) rest -= rows[i]![j]! * x[j]!;
    x[i] = rest / rows[i]![i]!;
  }
  return x;
}
