// The element types of safetensors files that heed reads, and what each becomes.
import { powerOfTwo } from "../math/bits";
import { fail, shown } from "./safetensors-header";

interface Dtype {
  /** Size of one element. */
  readonly bytes: number;
  /** The elements in `bytes`: a view where type and alignment allow it. `name` is for messages. */
  read(bytes: Uint8Array, name: string): Float32Array | Float64Array | Int32Array | Uint8Array;
}

export const dtypes = {
  F32: { bytes: 4, read: (bytes) => new Float32Array(...place(bytes, 4)) },
  F16: { bytes: 2, read: float16ToFloat },
  BF16: { bytes: 2, read: bfloat16ToFloat },
  F64: { bytes: 8, read: (bytes) => new Float64Array(...place(bytes, 8)) },
  I32: { bytes: 4, read: (bytes) => new Int32Array(...place(bytes, 4)) },
  I64: {
    bytes: 8,
    read: (bytes, name) => Float64Array.from(new BigInt64Array(...place(bytes, 8)), (n) => exact(n, name)),
  },
  U8: { bytes: 1, read: (bytes) => bytes },
  BOOL: { bytes: 1, read: (bytes) => bytes },
} as const satisfies Record<string, Dtype>;

export type StoredDtype = keyof typeof dtypes;

/** Where typed arrays of `size` bytes an element find these bytes; misaligned ones are copied. */
function place(
  bytes: Uint8Array,
  size: number,
): [buffer: ArrayBufferLike, byteOffset: number, length: number] {
  const { buffer, byteOffset } = bytes.byteOffset % size === 0 ? bytes : bytes.slice();
  return [buffer, byteOffset, bytes.length / size];
}

/** IEEE 754 binary16: 1 sign, 5 exponent, 10 fraction bits. Every value is a float32. */
function halfToFloat(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >>> 10) & 31;
  const fraction = (bits & 1023) / 1024;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  if (exponent === 0) return sign * fraction * powerOfTwo(-14);
  return sign * (1 + fraction) * powerOfTwo(exponent - 15);
}

// Plain loops below: typed arrays' `from` with a function takes a hundred times as long, and these read whole models.

function float16ToFloat(bytes: Uint8Array): Float32Array {
  const halves = new Uint16Array(...place(bytes, 2));
  const values = new Float32Array(halves.length);
  for (let i = 0; i < halves.length; i++) values[i] = halfToFloat(halves[i]!);
  return values;
}

/** bfloat16 is the upper half of a float32. */
function bfloat16ToFloat(bytes: Uint8Array): Float32Array {
  const halves = new Uint16Array(...place(bytes, 2));
  const words = new Uint32Array(halves.length);
  for (let i = 0; i < halves.length; i++) words[i] = halves[i]! << 16;
  return new Float32Array(words.buffer);
}

function exact(value: bigint, name: string): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number))
    fail(`I64 values must lie within +-2^53, got ${value} in ${shown(name)}`);
  return number;
}
