// The small network of JoMA (arXiv:2310.00535, figures 2 and 3): attention of one query over tokens, and K linear units above it that
// learn K classes. With orthonormal embeddings only b, v and the query's own weights are left. Float64.
//
//     b = attention(z; x)      logits_k = v_k . b + q_k      loss = cross-entropy, mean over the K classes, each with its own counts x
//
//     linear: b = x o z        exp: b = x o e^z        softmax: b = x o e^(z/tau), normalised
import { exp } from "../../math/exp";

export const attentionKinds = ["linear", "exp", "softmax"] as const;
export type AttentionKind = (typeof attentionKinds)[number];

export interface Network {
  /** x of each class, over M tokens. */
  readonly counts: readonly Float64Array[];
  readonly attention: AttentionKind;
  /** tau */
  readonly temperature: number;
}

/** z [M], v [K, M] and q [K] in one vector, as they move together: views of it. */
export function parts(state: Float64Array, { counts }: Network) {
  const [K, M] = [counts.length, counts[0]!.length]; // a network has at least one class
  return {
    z: state.subarray(0, M),
    v: state.subarray(M, M + K * M),
    q: state.subarray(M + K * M),
    K,
    M,
  };
}

export function stateSize({ counts }: Network): number {
  const [K, M] = [counts.length, counts[0]!.length];
  return M + K * M + K;
}

/** Minus the gradient of the loss: how the state flows. */
export function flow(network: Network, state: Float64Array): Float64Array {
  const { counts } = network;
  const { z, v, q, K, M } = parts(state, network);
  const slope = new Float64Array(state.length);
  const change = parts(slope, network);
  for (let label = 0; label < K; label++) {
    const x = counts[label]!;
    const b = attend(network, z, x);
    const residual = softmaxOf(Float64Array.from({ length: K }, (_, k) => q[k]! + dot(v, k * M, b)));
    for (let k = 0; k < K; k++) residual[k] = ((k === label ? 1 : 0) - residual[k]!) / K;
    const db = new Float64Array(M);
    for (let k = 0; k < K; k++) {
      const r = residual[k]!;
      change.q[k]! += r;
      for (let m = 0; m < M; m++) {
        change.v[k * M + m]! += r * b[m]!;
        db[m]! += r * v[k * M + m]!;
      }
    }
    backward(network, change.z, { x, b, db });
  }
  return slope;
}

/** b of counts x. */
export function attend({ attention, temperature }: Network, z: Float64Array, x: Float64Array): Float64Array {
  switch (attention) {
    case "linear":
      return x.map((count, m) => count * z[m]!);
    case "exp":
      return x.map((count, m) => count * exp(z[m]!));
    case "softmax": {
      const weights = x.map((count, m) => count * exp(z[m]! / temperature));
      const sum = weights.reduce((total, weight) => total + weight, 0);
      return weights.map((weight) => weight / sum);
    }
    default:
      return attention satisfies never;
  }
}

/** dz += (db/dz)^T db. */
function backward(
  { attention, temperature }: Network,
  dz: Float64Array,
  { x, b, db }: Readonly<Record<"x" | "b" | "db", Float64Array>>,
): void {
  const along = attention === "softmax" ? dot(b, 0, db) : 0;
  for (let m = 0; m < dz.length; m++) {
    if (attention === "linear") dz[m]! += x[m]! * db[m]!;
    else if (attention === "exp") dz[m]! += b[m]! * db[m]!;
    else dz[m]! += (b[m]! * (db[m]! - along)) / temperature;
  }
}

function softmaxOf(logits: Float64Array): Float64Array {
  const largest = logits.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);
  const weights = logits.map((value) => exp(value - largest));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}

function dot(a: Float64Array, from: number, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < b.length; i++) sum += a[from + i]! * b[i]!;
  return sum;
}
