// heed/one-call: attention, its gradient, matmul and softmax on plain Float32Arrays. No tensors, no scopes, nothing to free.
import { instantiateOneCall } from "./runtime/bind";

export interface AttentionShape {
  readonly heads: number;
  /** Rows of q per head. */
  readonly tokens: number;
  /** Rows of k and v per head; `tokens` when absent. */
  readonly sources?: number;
  /** Floats per row: the width of one head. */
  readonly width: number;
  /** Row i sees sources up to i + (sources - tokens) only. Default false. */
  readonly causal?: boolean;
  /** Factor of the logits; 1 / sqrt(width) when absent. */
  readonly scale?: number;
}

export interface AttentionGradients {
  readonly dq: Float32Array;
  readonly dk: Float32Array;
  readonly dv: Float32Array;
}

/** Every function is synchronous, leaves its arguments alone, returns new arrays, and throws an Error that names a wrong length. */
export interface OneCall {
  /** Softmax of every row of x [rows, cols]. -Infinity is allowed; a row of nothing else gives zeros. */
  softmax(x: Float32Array, rows: number, cols: number): Float32Array;
  /** a [m, k] times b [k, n] -> [m, n]. */
  matmul(a: Float32Array, b: Float32Array, m: number, k: number, n: number): Float32Array;
  /** softmax(scale q k^T) v per head: q [heads, tokens, width], k and v [heads, sources, width] -> [heads, tokens, width]. */
  attention(q: Float32Array, k: Float32Array, v: Float32Array, shape: AttentionShape): Float32Array;
  /** The gradients of a loss by q, k and v, given its gradient dOut [heads, tokens, width] by the result of `attention`. */
  attentionGrad(
    q: Float32Array,
    k: Float32Array,
    v: Float32Array,
    dOut: Float32Array,
    shape: AttentionShape,
  ): AttentionGradients;
}

export interface OneCallOptions {
  /** A compiled `heed/kernels/one-call.wasm`, for hosts that forbid compiling from bytes. */
  readonly module?: WebAssembly.Module;
}

/**
 * The four functions over a fresh instance. Its memory grows to what the largest call needs and is kept for the next one; drop
 * the functions to give it back.
 *
 * @throws Error when the host lacks WebAssembly SIMD, or `module` is not the one-call module.
 */
export async function oneCall(options: OneCallOptions = {}): Promise<OneCall> {
  const wasm = await instantiateOneCall(options.module);

  function call(place: string, arrays: number[], run: () => Float32Array): Float32Array {
    expectRoom(place, arrays);
    try {
      return run();
    } catch (cause) {
      // The kernels themselves do not trap once lengths are right: what remains is an allocation.
      if (cause instanceof WebAssembly.RuntimeError)
        throw new RangeError(outOfMemory(place, arrays), { cause });
      throw cause;
    } finally {
      wasm.reset();
    }
  }

  return {
    softmax(x, rows, cols) {
      expectFloats("softmax", "x", x, { rows, cols });
      return call("softmax", [x.length, x.length], () => wasm.softmax(x, rows, cols));
    },
    matmul(a, b, m, k, n) {
      expectFloats("matmul", "a", a, { m, k });
      expectFloats("matmul", "b", b, { k, n });
      return call("matmul", [a.length, b.length, m * n], () => wasm.matmul(a, b, m, k, n));
    },
    attention(q, k, v, shape) {
      const { heads, tokens, sources, width, scale, causal } = resolveShape("attention", q, k, v, shape);
      return call("attention", [q.length, k.length, v.length, q.length, heads * tokens], () =>
        wasm.attention(q, k, v, heads, tokens, sources, width, scale, causal),
      );
    },
    attentionGrad(q, k, v, dOut, shape) {
      const { heads, tokens, sources, width, scale, causal } = resolveShape("attentionGrad", q, k, v, shape);
      expectFloats("attentionGrad", "dOut", dOut, { heads, tokens, width });
      const sizes = [q.length, k.length, v.length];
      const grads = call("attentionGrad", [...sizes, ...sizes, q.length, q.length, heads * tokens], () =>
        wasm.attention_grad(q, k, v, dOut, heads, tokens, sources, width, scale, causal),
      );
      const dk = q.length;
      const dv = dk + k.length;
      return { dq: grads.slice(0, dk), dk: grads.slice(dk, dv), dv: grads.slice(dv) };
    },
  };
}

function resolveShape(
  place: string,
  q: Float32Array,
  k: Float32Array,
  v: Float32Array,
  shape: AttentionShape,
) {
  const { heads, tokens, width, sources = tokens, causal = false, scale } = shape;
  expectFloats(place, "q", q, { heads, tokens, width });
  expectFloats(place, "k", k, { heads, sources, width });
  expectFloats(place, "v", v, { heads, sources, width });
  if (scale !== undefined && !Number.isFinite(scale)) {
    throw new Error(`${place}: scale must be a finite number, got ${scale}`);
  }
  return { heads, tokens, sources, width, scale: scale ?? 1 / Math.sqrt(width), causal: causal ? 1 : 0 };
}

/** Throws unless `array` is a Float32Array that holds the product of `dims`. */
function expectFloats(place: string, name: string, array: Float32Array, dims: Record<string, number>): void {
  for (const [dim, value] of Object.entries(dims)) {
    if (!(Number.isInteger(value) && value >= 0)) {
      throw new Error(`${place}: ${dim} must be a whole number of at least 0, got ${value}`);
    }
  }
  // By name, so that arrays from another realm count.
  const type = Object.prototype.toString.call(array).slice("[object ".length, -1);
  if (type !== "Float32Array") throw new Error(`${place}: ${name} must be a Float32Array, got ${type}`);
  const floats = Object.values(dims).reduce((product, value) => product * value, 1);
  if (array.length !== floats) {
    const formula = `${Object.keys(dims).join("*")} = ${Object.values(dims).join("*")} = ${floats}`;
    throw new Error(`${place}: ${name} must hold ${formula} floats, got ${array.length}`);
  }
}

/** Arrays of one call may take 2 GB: with the kernels' workspace that stays below the 4 GB that a pointer reaches. */
const MAXIMUM_FLOATS = 2 ** 29;

function expectRoom(place: string, arrays: number[]): void {
  if (sum(arrays) > MAXIMUM_FLOATS) throw new RangeError(outOfMemory(place, arrays));
}

function outOfMemory(place: string, arrays: number[]): string {
  const megabytes = Math.ceil((sum(arrays) * 4) / 2 ** 20);
  return `${place}: memory cannot hold the arrays of this call, ${megabytes} MB together; use fewer rows or heads per call`;
}

function sum(values: number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
