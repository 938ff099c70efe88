// What attention and the weights above it keep in common while a small network learns (JoMA, arXiv:2310.00535, theorem 1).
//
//     exp      z_m - 1/2 sum_k v_km^2 stays      exact under gradient flow, as dz_m/dt = sum_k v_km dv_km/dt
//     linear   z_m^2 - sum_k v_km^2 stays        exact under gradient flow
//     softmax  z_m ~ (1/2 sum_k v_km^2 - 1/2 (sum_k ||w_k||^2) b_m) / tau + constant, b the mean attention, if that hardly moves
import { exp } from "../../math/exp";
import type { Rng } from "../../tensor/rng";
import { pearson } from "../correlation";
import { along, type Curve, rungeKutta, thin } from "./curves";
import { type AttentionKind, attend, flow, type Network, parts, stateSize } from "./network";

export type InvariantMetrics = {
  /** Largest |invariant - its start| over tokens and times; how far z itself moved. "softmax": 0, it has none. */
  readonly drift: number;
  readonly moved: number;
  /** Correlation of z over the tokens with its estimate, and with the first term of it alone. */
  readonly finalCorrelation: number;
  readonly firstTermCorrelation: number;
  /** The same by step. */
  readonly correlation: Curve;
  readonly firstTerm: Curve;
  readonly z: readonly number[];
  readonly estimate: readonly number[];
};

export interface InvariantOptions {
  readonly attention: AttentionKind;
  /** "gaussian" or "uniform" */
  readonly data: string;
  readonly rate: number;
  readonly steps: number;
}

const TOKENS = 20;
const CLASSES = 20;
const TEMPERATURE = 0.5;
const DEVIATION = 0.01;

export function* invariantTrial(
  config: InvariantOptions,
  rng: Rng,
): Generator<number, InvariantMetrics, void> {
  const { attention } = config;
  const network: Network = {
    counts: countsOf(config.data, rng.fork("counts")),
    attention,
    temperature: TEMPERATURE,
  };
  const start = initialState(network, rng.fork("weights"));
  const invariants = invariantsOf(network, start);
  const correlation: [number, number][] = [];
  const firstTerm: [number, number][] = [];
  let drift = 0;
  let state = start;
  for (let step = 0; step <= config.steps; step++) {
    const now = invariantsOf(network, state);
    drift = Math.max(drift, ...now.map((value, m) => Math.abs(value - invariants[m]!)));
    const { full, first } = estimates(network, state);
    const { z } = parts(state, network);
    correlation.push([step, pearson(z, full)]);
    firstTerm.push([step, pearson(z, first)]);
    if (step === config.steps) break;
    // The invariants belong to gradient flow; the estimate for softmax is tried on plain SGD, as the authors do.
    state =
      attention === "softmax"
        ? along(state, flow(network, state), config.rate)
        : rungeKutta(state, (s) => flow(network, s), config.rate);
    if (step % 100 === 0) yield step / config.steps;
  }
  const { z } = parts(state, network);
  return {
    drift,
    moved: Math.max(...z.map((value, m) => Math.abs(value - start[m]!))),
    finalCorrelation: correlation.at(-1)![1],
    firstTermCorrelation: firstTerm.at(-1)![1],
    correlation: thin(correlation.map(([, value]) => value)),
    firstTerm: thin(firstTerm.map(([, value]) => value)),
    z: Array.from(z),
    estimate: Array.from(estimates(network, state).full),
  };
}

/** "gaussian": half of the tokens peak at a class of their own place, half are noise up to 0.5; "uniform": all in [0, 1). */
function countsOf(data: string, rng: Rng): Float64Array[] {
  return Array.from({ length: CLASSES }, (_, k) =>
    Float64Array.from({ length: TOKENS }, (_, i) => {
      if (data === "uniform") return rng.uniform();
      const distance = i - (10 * k) / CLASSES;
      return i < TOKENS / 2 ? exp((-distance * distance) / 30) : 0.5 * rng.uniform();
    }),
  );
}

/** Normal, of deviation 0.01; linear attention starts around 1, as it passes nothing at z = 0. */
function initialState(network: Network, rng: Rng): Float64Array {
  const state = new Float64Array(stateSize(network)).map(() => DEVIATION * rng.normal());
  const { z } = parts(state, network);
  if (network.attention === "linear") z.set(z.map((value) => 1 + value));
  return state;
}

/** Of each token: z - 1/2 sum_k v_k^2 (exp), z^2 - sum_k v_k^2 (linear); nothing for softmax. */
function invariantsOf(network: Network, state: Float64Array): Float64Array {
  const { z } = parts(state, network);
  const squares = squareSums(network, state);
  if (network.attention === "softmax") return z.map(() => 0);
  return z.map((value, m) =>
    network.attention === "exp" ? value - squares[m]! / 2 : value * value - squares[m]!,
  );
}

function squareSums(network: Network, state: Float64Array): Float64Array {
  const { v, K, M } = parts(state, network);
  const sums = new Float64Array(M);
  for (let k = 0; k < K; k++) for (let m = 0; m < M; m++) sums[m]! += v[k * M + m]! * v[k * M + m]!;
  return sums;
}

/** z up to a constant: (1/tau) (1/2 sum_k v_k^2 - 1/2 (sum_k ||w_k||^2) b_mean), with b at z = 0 and the query's weights in w. */
function estimates(network: Network, state: Float64Array): { full: Float64Array; first: Float64Array } {
  const { q, M } = parts(state, network);
  const squares = squareSums(network, state);
  const norm =
    squares.reduce((sum, value) => sum + value, 0) + q.reduce((sum, value) => sum + value * value, 0);
  const zero = new Float64Array(M);
  const mean = new Float64Array(M);
  for (const x of network.counts) {
    const b = attend({ ...network, attention: "softmax" }, zero, x);
    b.forEach((value, m) => {
      mean[m]! += value / network.counts.length;
    });
  }
  const first = squares.map((value) => value / 2 / network.temperature);
  return { first, full: first.map((value, m) => value - (norm * mean[m]!) / 2 / network.temperature) };
}
