// ln x and ln(1 + x) in float64, the same bits on every host: x = 2^k (1 + f), then ln(1 + f) = 2 artanh(f / (2 + f)).
import { fromWords, highWord, lowWord } from "./bits";
import { LN2_HIGH, LN2_LOW } from "./exp";

/** High word of sqrt(2): fractions above it are halved, so that 1 + f lies in [sqrt(1/2), sqrt(2)]. */
const SQRT2_HIGH = 0x3ff6a09e;
const ONE_HIGH = 0x3ff00000;
const TWO_54 = 18014398509481984;

/** ln x; -Infinity at 0, NaN below. Measured error at most 0.8 ulp. */
export function log(x: number): number {
  if (!(x > 0)) return x === 0 ? -Infinity : NaN;
  if (x === Infinity) return x;
  const { exponent, fraction } = decompose(x);
  return assemble(exponent, fraction - 1, 0);
}

/** ln(1 + x) without cancellation near 0; -Infinity at -1, NaN below. Measured error at most 0.8 ulp. */
export function log1p(x: number): number {
  if (!(x > -1)) return x === -1 ? -Infinity : NaN;
  if (x === Infinity || Math.abs(x) < 5.6e-17) return x;
  if (x > -0.29 && x < 0.41) return assemble(0, x, 0);
  const u = 1 + x;
  const lost = x >= 1 ? 1 - (u - x) : x - (u - 1);
  const { exponent, fraction } = decompose(u);
  return assemble(exponent, fraction - 1, lost / u);
}

/** x = 2^exponent fraction with fraction in [sqrt(1/2), sqrt(2)], exactly, for finite x > 0. */
export function decompose(x: number): { exponent: number; fraction: number } {
  if (x < 2.2250738585072014e-308) {
    const { exponent, fraction } = decompose(x * TWO_54);
    return { exponent: exponent - 54, fraction };
  }
  const high = highWord(x);
  const low = lowWord(x);
  const mantissa = (high & 0x000fffff) | ONE_HIGH;
  const halved = mantissa > SQRT2_HIGH ? 1 : 0;
  return {
    exponent: (high >>> 20) - 1023 + halved,
    fraction: fromWords(mantissa - (halved << 20), low),
  };
}

/** k ln 2 + ln(1 + f) + rest. With s = f / (2 + f): ln(1 + f) = f - f^2/2 + s (f^2/2 + R), R the series after its first term. */
function assemble(k: number, f: number, rest: number): number {
  const s = f / (2 + f);
  const z = s * s;
  let series = 0;
  for (let n = 12; n >= 1; n--) series = (series + 2 / (2 * n + 1)) * z;
  const half = 0.5 * f * f;
  const correction = s * (half + series) + (k * LN2_LOW + rest);
  if (k === 0) return f - (half - correction);
  return k * LN2_HIGH - (half - correction - f);
}
