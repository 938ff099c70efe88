// The toy of JoMA (Tian et al. 2024, arXiv:2310.00535, figure 4): what joint dynamics leave of attention and MLP once attention is
// integrated out. v_j is the weight of token j in a hidden unit, mu_j what it is driven to, and attention goes as e^(v^2 / ...).
import { entropy } from "../../analysis/entropy";
import { exp } from "../../math/exp";

export interface ToyOptions {
  readonly mu: readonly number[];
  /** Of v, in every component. */
  readonly start: number;
  readonly rate: number;
  readonly steps: number;
  /** "nonlinear": v is driven to mu and rests there. "linear": it is driven by mu without end. */
  readonly drive: "nonlinear" | "linear";
  /** Attention: softmax(v^2 / 3), as in the authors' code, or e^(v^2 / 2), as in the theorem. */
  readonly attention: "softmax" | "exp";
}

export interface ToyRun {
  /** Entropy of the normalised attention in nats, before each step and at the end. */
  readonly entropy: readonly number[];
  /** v before each step and at the end, component by component. */
  readonly v: readonly (readonly number[])[];
}

/** Beyond this a run has blown up and is ended: e^(v^2/2) would overflow. */
const BLOWN_UP = 30;

/** v += rate (mu - v) o attention(v), or rate mu o attention(v). */
export function toy({ mu, start, rate, steps, drive, attention }: ToyOptions): ToyRun {
  let v = mu.map(() => start);
  const path = [v];
  for (let step = 0; step < steps; step++) {
    const speed = attention === "softmax" ? normalized(powers(v, 3)) : powers(v, 2);
    const before = v;
    v = before.map((x, j) => x + rate * (drive === "linear" ? mu[j]! : mu[j]! - x) * speed[j]!);
    if (v.some((x) => !(Math.abs(x) < BLOWN_UP))) break;
    path.push(v);
  }
  const width = attention === "softmax" ? 3 : 2;
  return { entropy: path.map((x) => entropy(normalized(powers(x, width)))), v: path };
}

/** The first step at which each component has come 90 % of the way to its mu; -1 where it has not. */
export function arrivals({ v }: ToyRun, mu: readonly number[]): number[] {
  return mu.map((goal, j) => v.findIndex((state) => state[j]! >= 0.9 * goal));
}

function powers(v: readonly number[], width: number): number[] {
  return v.map((x) => exp((x * x) / width));
}

function normalized(values: readonly number[]): number[] {
  const sum = values.reduce((total, value) => total + value, 0);
  return values.map((value) => value / sum);
}
