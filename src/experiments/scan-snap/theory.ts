// Closed forms of Scan and Snap's theory in float64 (arXiv:2305.16380, sections 4 to 6 and appendix D): how far the decoder has learned
// after t steps, how much gradient it sends back, and where the scan ends.
//
// M tokens, K equally likely classes, rate etaY. A class has then been seen s = t / K times, and its row of W = F^T Y is (M - 1) h(s) zeta.
import { exp } from "../../math/exp";
import { log } from "../../math/log";
import { pow } from "../../math/pow";

export interface Decoder {
  /** M */
  readonly tokens: number;
  /** K */
  readonly classes: number;
  readonly etaY: number;
}

type OneClass = Pick<Decoder, "tokens" | "etaY">;

const NEWTON_STEPS = 60;
const HALVINGS = 200;

/** h*(s) for s = 0 .. visits: h*(s) = h*(s-1) + etaY / (M - 1 + e^(M h*(s-1))) (theorem 5). */
export function hDiscrete({ tokens: M, etaY }: OneClass, visits: number): Float64Array {
  const h = new Float64Array(visits + 1);
  for (let s = 1; s <= visits; s++) h[s] = h[s - 1]! + etaY / (M - 1 + exp(M * h[s - 1]!));
  return h;
}

/** h(s), its limit of small steps: e^(M h) + (M - 1) M h = M etaY s + 1, by Newton's method in x = M h from above. */
export function h({ tokens: M, etaY }: OneClass, visits: number): number {
  const target = M * etaY * visits + 1;
  let x = Math.min(etaY * visits, log(target) + 0.1);
  for (let step = 0; step < NEWTON_STEPS; step++) {
    const power = exp(x);
    const next = x - (power + (M - 1) * x - target) / (power + M - 1);
    if (Math.abs(next - x) <= 1e-16 * Math.abs(x)) break;
    x = next;
  }
  return x / M;
}

/** gamma(t) = (M-1)^2 h / (M - 1 + e^(M h)): the speed of attention, which rises while the decoder scans and dies when it knows. */
export function gamma(decoder: Decoder, t: number): number {
  const { tokens: M, classes: K } = decoder;
  const value = h(decoder, t / K);
  return ((M - 1) * (M - 1) * value) / (M - 1 + exp(M * value));
}

/** Gamma(t) = etaZ times the integral of gamma: (etaZ/etaY) K (M-1)^2 h^2 / 2. */
export function gammaIntegral(decoder: Decoder, etaZ: number, t: number): number {
  const { tokens: M, classes: K, etaY } = decoder;
  const value = h(decoder, t / K);
  return ((etaZ / etaY) * K * (M - 1) * (M - 1) * value * value) / 2;
}

/** B_n(t) = 1/4 ln(1 + 4 Gamma / C0). Theorem 4 prints 1/4 ln(C0 + 4 Gamma), which is not 0 at t = 0 unless C0 = 1. */
export function bound(decoder: Decoder, etaZ: number, t: number, c0 = 1): number {
  return log(1 + (4 * gammaIntegral(decoder, etaZ, t)) / c0) / 4;
}

/** omega1 > 0 with M^omega = (1 + omega)(1 - 1/M) ln M: Theta(ln ln M / ln M). */
export function omega1(tokens: number): number {
  const right = (1 - 1 / tokens) * log(tokens);
  return bisect((omega) => pow(tokens, omega) - (1 + omega) * right, 0, 2);
}

/** t0 = 2 (1 + omega1) K ln M / etaY, where the snap begins; without omega1 its leading term. */
export function snapTime({ tokens, classes, etaY }: Decoder, omega = omega1(tokens)): number {
  return (2 * (1 + omega) * classes * log(tokens)) / etaY;
}

/** When a class's label has probability 1/2: (K/(M etaY)) ((M-1)(1 + ln(M-1)) - 1), about K (1 + ln M) / etaY. */
export function halfTime({ tokens: M, classes: K, etaY }: Decoder): number {
  return (K / (M * etaY)) * ((M - 1) * (1 + log(M - 1)) - 1);
}

/** The largest gamma: at x = M h with e^x (x - 1) = M - 1. */
export function gammaPeak(decoder: Decoder): { x: number; t: number; gamma: number } {
  const { tokens: M, classes: K, etaY } = decoder;
  const x = bisect((value) => exp(value) * (value - 1) - (M - 1), 1, 1 + log(M));
  const t = (K / (M * etaY)) * (exp(x) + (M - 1) * x - 1);
  return { x, t, gamma: gamma(decoder, t) };
}

/** The zero of a function that rises from below 0 to above. */
function bisect(f: (x: number) => number, low: number, high: number): number {
  for (let step = 0; step < HALVINGS; step++) {
    const middle = (low + high) / 2;
    if (middle === low || middle === high) break;
    if (f(middle) > 0) high = middle;
    else low = middle;
  }
  return low;
}
