// A short fingerprint of numbers: 64-bit FNV-1a over their bytes. For comparing runs, not for security.

const OFFSET_HIGH = 0xcbf29ce4;
const OFFSET_LOW = 0x84222325;
/** The FNV prime is 2^40 + 0x1b3. */
const PRIME_LOW = 0x1b3;
const PRIME_SHIFT = 8;
const TWO_32 = 4294967296;

/**
 * Sixteen hex digits over the little-endian bytes of `values`: Float32Array as float32, Int32Array and Uint32Array as 32 bits,
 * Uint8Array as it is, everything else as float64. All NaNs count as one; -0 differs from 0.
 * Source: Fowler, Noll and Vo, FNV-1a.
 */
export function digest(values: ArrayLike<number>): string {
  let high = OFFSET_HIGH;
  let low = OFFSET_LOW;
  for (const byte of littleEndianBytes(values)) {
    low = (low ^ byte) >>> 0;
    // (high, low) (2^40 + 0x1b3) mod 2^64; low 0x1b3 < 2^41 is exact.
    const product = low * PRIME_LOW;
    high = (Math.imul(high, PRIME_LOW) + Math.floor(product / TWO_32) + (low << PRIME_SHIFT)) >>> 0;
    low = product >>> 0;
  }
  return high.toString(16).padStart(8, "0") + low.toString(16).padStart(8, "0");
}

function littleEndianBytes(values: ArrayLike<number>): Uint8Array {
  if (values instanceof Uint8Array) return values;
  const integers = values instanceof Int32Array || values instanceof Uint32Array;
  const size = integers || values instanceof Float32Array ? 4 : 8;
  const view = new DataView(new ArrayBuffer(values.length * size));
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (integers) view.setInt32(i * 4, value, true);
    // Which NaN a host writes is its own choice, so this one is spelled out.
    else if (Number.isNaN(value))
      view.setUint32(i * size + size - 4, size === 4 ? 0x7fc00000 : 0x7ff80000, true);
    else if (size === 4) view.setFloat32(i * 4, value, true);
    else view.setFloat64(i * 8, value, true);
  }
  return new Uint8Array(view.buffer);
}
