// Folders as Hugging Face keeps them, made in memory: weights by the formula of scripts/fixtures/checkpoints.py, stored in any way.
import type { FolderReader } from "../../src/checkpoints/folder";

export interface GoldenCheckpoint {
  readonly config: Readonly<Record<string, unknown>>;
  /** Shape, and the power of two that values in [-1, 1) are multiplied by; a gain is 1 and a little. */
  readonly tensors: Readonly<Record<string, readonly [number[], number | "gain"] | readonly unknown[]>>;
  readonly ids: readonly number[];
  /** Of predicting each token but the first, in nats. */
  readonly loss: number;
  /** Of that loss, with respect to the gain of the first layer's first norm. */
  readonly gainGradient: readonly number[];
  /** [T, V] */
  readonly logits: readonly number[];
  readonly attentionEntropy: number;
}

export type Dtype = "F32" | "F16" | "BF16";

export interface NamedValues {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** The weights of a case, by name. */
export function goldenTensors({ tensors }: GoldenCheckpoint): NamedValues[] {
  return Object.entries(tensors).map(([name, [shape, kind]]) => {
    const dims = shape as number[]; // JSON's tuple
    const count = dims.reduce((product, dim) => product * dim, 1);
    const values = Float32Array.from(hashed(name, count), (k) =>
      kind === "gain" ? 1 + (k >> 2) / 128 : (k / 128) * 2 ** Number(kind),
    );
    return { name, shape: dims, values };
  });
}

/** Integers in -128..127: see scripts/fixtures/checkpoints.py. */
function hashed(name: string, count: number): Int32Array {
  let seed = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(name)) seed = Math.imul(seed ^ byte, 0x01000193);
  return Int32Array.from({ length: count }, (_, i) => {
    let x = (Math.imul(i, 0x9e3779b9) + seed) | 0;
    x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
    x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
    return ((x ^ (x >>> 16)) >>> 24) - 128;
  });
}

/** A safetensors file. Of the values each dtype must hold them exactly. */
export function safetensors(tensors: readonly NamedValues[], dtype: Dtype | "I32" = "F32"): Uint8Array {
  const header: Record<string, unknown> = { __metadata__: { format: "pt" } };
  const parts = tensors.map(({ values }) => stored(values, dtype));
  let end = 0;
  for (const [i, { name, shape }] of tensors.entries()) {
    const begin = end;
    end += parts[i]!.length;
    header[name] = { dtype, shape, data_offsets: [begin, end] };
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  const file = new Uint8Array(8 + json.length + end);
  new DataView(file.buffer).setUint32(0, json.length, true);
  file.set(json, 8);
  let at = 8 + json.length;
  for (const part of parts) {
    file.set(part, at);
    at += part.length;
  }
  return file;
}

function stored(values: Float32Array, dtype: Dtype | "I32"): Uint8Array {
  if (dtype === "F32" || dtype === "I32") return new Uint8Array(values.slice().buffer);
  const bits = new Uint32Array(values.slice().buffer);
  const half = Uint16Array.from(bits, (word) => (dtype === "BF16" ? word >>> 16 : float16(word)));
  return new Uint8Array(half.buffer);
}

/** The binary16 bits of a float32's, for zero and for normal values of 11 significant bits. */
function float16(word: number): number {
  const sign = (word >>> 16) & 0x8000;
  const exponent = ((word >>> 23) & 255) - 127 + 15;
  return (word & 0x7fffffff) === 0 ? sign : sign | (exponent << 10) | ((word >>> 13) & 1023);
}

/** A folder in memory. Text and objects are stored as UTF-8 and JSON. */
export function memoryFolder(files: Readonly<Record<string, Uint8Array | object | string>>): FolderReader {
  const bytes = new Map(
    Object.entries(files).map(([name, content]) => [
      name,
      content instanceof Uint8Array ? content : encoded(content),
    ]),
  );
  return {
    size: async (file) => bytes.get(file)?.length,
    read: async (file, begin, end) => bytes.get(file)!.slice(begin, end),
  };
}

function encoded(content: object | string): Uint8Array {
  return new TextEncoder().encode(typeof content === "string" ? content : JSON.stringify(content));
}
