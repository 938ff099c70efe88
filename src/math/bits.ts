// The bit pattern of a float64: exponents taken apart and put together. Not rounding, not text.

const float = new Float64Array(1);
const words = new Uint32Array(float.buffer);
/** Index of the word that holds sign and exponent: 1 on little-endian hosts. */
const HIGH = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1 ? 1 : 0;
const LOW = 1 - HIGH;

const EXPONENT_BIAS = 1023;
const FRACTION_BITS = 20;

/** The upper 32 bits of x: sign, 11 bits of exponent, 20 bits of fraction. */
export function highWord(x: number): number {
  float[0] = x;
  return words[HIGH]!;
}

/** The lower 32 bits of x. */
export function lowWord(x: number): number {
  float[0] = x;
  return words[LOW]!;
}

/** The float64 with these two words. */
export function fromWords(high: number, low: number): number {
  words[HIGH] = high;
  words[LOW] = low;
  return float[0]!;
}

/** x with the lower 27 bits of its fraction cleared: products of two such values are exact (Veltkamp 1968). */
export function upperHalf(x: number): number {
  float[0] = x;
  words[LOW] = words[LOW]! & 0xf8000000;
  return float[0]!;
}

/** 2^k exactly, for whole k in [-1022, 1023]. */
export function powerOfTwo(k: number): number {
  return fromWords((k + EXPONENT_BIAS) << FRACTION_BITS, 0);
}

/** x 2^k for x in [1/4, 4] and whole k in [-1900, 2000], rounded once: all steps but the last are exact. */
export function scale(x: number, k: number): number {
  if (k > 1022) return x * powerOfTwo(1000) * powerOfTwo(k - 1000);
  if (k < -1020) return x * powerOfTwo(-900) * powerOfTwo(k + 900);
  return x * powerOfTwo(k);
}
