// x^y in float64, the same bits on every host: e^(y ln x) with ln x in two float64s (about 65 bits).
import { upperHalf } from "./bits";
import { expSum, LN2_HIGH, LN2_LOW } from "./exp";
import { decompose } from "./log";

/** Largest magnitude at which odd numbers exist. */
const TWO_53 = 9007199254740992;

/**
 * x^y with the special cases of JavaScript's `**` (so 1^Infinity and 1^NaN are NaN). Exact where the result is a whole number
 * below 2^53 or another value of few bits. Measured error at most 0.95 ulp (one rounding more where the result is subnormal).
 */
export function pow(x: number, y: number): number {
  if (y === 0) return 1;
  if (Number.isNaN(x) || Number.isNaN(y)) return NaN;
  const size = Math.abs(x);
  if (Math.abs(y) === Infinity) return size === 1 ? NaN : size > 1 === y > 0 ? Infinity : 0;
  const negative = (x < 0 || Object.is(x, -0)) && isOdd(y);
  if (size === 0 || size === Infinity) {
    const magnitude = (size === 0) === y > 0 ? 0 : Infinity;
    return negative ? -magnitude : magnitude;
  }
  if (x < 0 && !Number.isInteger(y)) return NaN;
  const magnitude = positivePower(size, y);
  return negative ? -magnitude : magnitude;
}

function positivePower(x: number, y: number): number {
  const [high, low] = preciseLog(x);
  const product = y * high;
  if (!(Math.abs(product) < 800)) return product > 0 ? Infinity : 0;
  return expSum(product, productError(y, high, product) + y * low);
}

/**
 * ln x = high + low with a relative error below 2^-63. s = f / (2 + f) to two float64s, then 2 s + 2/3 s^3 in pairs and the rest of
 * the series, which is smaller than 2^-12 of the sum, in one.
 */
function preciseLog(x: number): readonly [high: number, low: number] {
  const { exponent: k, fraction } = decompose(x);
  const f = fraction - 1;
  if (f === 0 && k === 0) return [0, 0];
  const divisor = 2 + f;
  const divisorLow = f - (divisor - 2);
  const s = f / divisor;
  const product = s * divisor;
  const sLow = (f - product - productError(s, divisor, product) - s * divisorLow) / divisor;
  const z = s * s;
  const zLow = productError(s, s, z) + 2 * s * sLow;
  const cube = s * z;
  const cubeLow = productError(s, z, cube) + s * zLow + sLow * z;
  const third = cube * TWO_THIRDS;
  const thirdLow = productError(cube, TWO_THIRDS, third) + cubeLow * TWO_THIRDS + cube * TWO_THIRDS_LOW;
  let series = 0;
  for (let n = 12; n >= 2; n--) series = (series + 2 / (2 * n + 1)) * z;
  const tail = series * cube + thirdLow + 2 * sLow;
  // Largest first: k ln 2 (exact), 2 s, the cube; what is rounded off joins the tail.
  const top = k * LN2_HIGH;
  const a = top + 2 * s;
  const aLost = top === 0 ? 0 : top - a + 2 * s;
  const b = a + third;
  const bLost = a - b + third;
  const low = aLost + bLost + (k * LN2_LOW + tail);
  const high = b + low;
  return [high, b - high + low];
}

const TWO_THIRDS = 0.6666666666666666;
const TWO_THIRDS_LOW = 3.700743415417188e-17;

/** a b - product exactly, where product is a b rounded (Dekker 1971), barring overflow. */
function productError(a: number, b: number, product: number): number {
  const aHigh = upperHalf(a);
  const bHigh = upperHalf(b);
  const aLow = a - aHigh;
  const bLow = b - bHigh;
  return aLow * bLow - (product - aHigh * bHigh - aLow * bHigh - aHigh * bLow);
}

function isOdd(y: number): boolean {
  return Number.isInteger(y) && Math.abs(y) < TWO_53 && y % 2 !== 0;
}
