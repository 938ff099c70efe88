// heed/one-call against float64 loops: values, copies, and a memory that stays as it is.
import { beforeAll, describe, expect, test } from "vitest";
import { type AttentionShape, type OneCall, oneCall } from "../../src/one-call";
import { attention, attentionGrad, float64, matmul, type Round, softmax } from "./reference";

let heed: OneCall;
beforeAll(async () => {
  heed = await oneCall();
});

const shapes: AttentionShape[] = [
  { heads: 1, tokens: 1, width: 1 },
  { heads: 2, tokens: 5, width: 4 },
  { heads: 3, tokens: 17, width: 7, causal: true },
  { heads: 2, tokens: 9, sources: 23, width: 16 },
  { heads: 2, tokens: 9, sources: 23, width: 16, causal: true },
  { heads: 1, tokens: 67, width: 33, causal: true, scale: 0.25 },
  { heads: 1, tokens: 8, sources: 5, width: 8, causal: true },
];

describe("softmax", () => {
  test.each([
    [1, 1],
    [3, 7],
    [5, 64],
    [2, 131],
  ])("%i rows of %i", (rows, cols) => {
    const x = floats(rows * cols, 1, 4);
    expectClose(heed.softmax(x, rows, cols), (round) => softmax(x, rows, cols, round));
  });

  test("a row of -Infinity gives zeros", () => {
    const x = new Float32Array([1, -Infinity, 2, -Infinity, -Infinity, -Infinity]);
    expectClose(heed.softmax(x, 2, 3), (round) => softmax(x, 2, 3, round));
    expect([...heed.softmax(x, 2, 3)].slice(3)).toEqual([0, 0, 0]);
  });
});

describe("matmul", () => {
  test.each([
    [1, 1, 1],
    [2, 3, 5],
    [13, 9, 17],
    [33, 70, 41],
  ])("[%i, %i] times [., %i]", (m, k, n) => {
    const a = floats(m * k, 1);
    const b = floats(k * n, 2);
    expectClose(heed.matmul(a, b, m, k, n), (round) => matmul(a, b, m, k, n, round));
  });

  test("an inner dim of 0 gives zeros", () => {
    const none = new Float32Array();
    expect(heed.matmul(none, none, 2, 0, 3)).toEqual(new Float32Array(6));
  });
});

describe("attention", () => {
  test.each(shapes)("%o", (shape) => {
    const { q, k, v } = inputs(shape);
    expectClose(heed.attention(q, k, v, shape), (round) => attention(q, k, v, shape, round));
  });

  test.each(shapes)("gradient of %o", (shape) => {
    const { q, k, v, dOut } = inputs(shape);
    const grads = heed.attentionGrad(q, k, v, dOut, shape);
    const dLogits = (round: Round) => attentionGrad(q, k, v, dOut, shape, round);
    for (const name of ["dq", "dk", "dv"] as const) expectClose(grads[name], (round) => dLogits(round)[name]);
  });
});

describe("memory", () => {
  const shape = { heads: 2, tokens: 40, width: 24, causal: true };

  test("results are copies of their own and arguments stay as they were", () => {
    const { q, k, v, dOut } = inputs(shape);
    const before = [q, k, v, dOut].map((x) => x.slice());
    const first = heed.attention(q, k, v, shape);
    const kept = first.slice();
    const grads = heed.attentionGrad(q, k, v, dOut, shape);
    heed.softmax(q, q.length, 1);
    expect(first).toEqual(kept);
    expect([q, k, v, dOut]).toEqual(before);
    const buffers = [first, grads.dq, grads.dk, grads.dv].map((x) => x.buffer);
    expect(new Set(buffers).size).toBe(4);
    for (const x of [first, grads.dq, grads.dk, grads.dv]) expect(x.byteLength).toBe(x.buffer.byteLength);
  });

  test("does not grow over 1000 calls", async () => {
    const memories = await memoriesMadeBy(async () => {
      const own = await oneCall();
      const { q, k, v, dOut } = inputs(shape);
      own.attentionGrad(q, k, v, dOut, shape);
      return () => {
        for (let i = 0; i < 250; i++) {
          own.attentionGrad(q, k, v, dOut, shape);
          own.attention(q, k, v, shape);
          own.softmax(q, 80, 24);
          own.matmul(q, k, 24, 80, 24);
        }
      };
    });
    expect(memories.before).toBeGreaterThan(0);
    expect(memories.after).toBe(memories.before);
  });

  test("equal calls give equal bits, whatever came between them", () => {
    const { q, k, v } = inputs(shape);
    const first = heed.attention(q, k, v, shape);
    heed.matmul(floats(90 * 90, 3), floats(90 * 90, 4), 90, 90, 90);
    expect(heed.attention(q, k, v, shape)).toEqual(first);
  });
});

/** Bytes of the memory of the instance that `make` creates, before and after the function that it returns. */
async function memoriesMadeBy(make: () => Promise<() => void>): Promise<{ before: number; after: number }> {
  const { instantiate } = WebAssembly;
  const made: WebAssembly.Instance[] = [];
  const listening = async (module: WebAssembly.Module, imports?: WebAssembly.Imports) => {
    const instance = await instantiate(module, imports);
    made.push(instance);
    return instance;
  };
  Object.assign(WebAssembly, { instantiate: listening });
  try {
    const run = await make();
    // The module exports its memory under this name.
    const bytes = () => (made.at(-1)!.exports.memory as WebAssembly.Memory).buffer.byteLength;
    const before = bytes();
    run();
    return { before, after: bytes() };
  } finally {
    Object.assign(WebAssembly, { instantiate });
  }
}

/** Relative L2 error against float64 of at most twice that of naive f32 (or of one rounding, where naive f32 is luckier). */
function expectClose(actual: Float32Array, reference: (round: Round) => number[]): void {
  const expected = reference(float64);
  expect(actual.length).toBe(expected.length);
  const norm = Math.hypot(...expected) || 1;
  const error = (values: ArrayLike<number>) => Math.hypot(...expected.map((x, i) => x - values[i]!)) / norm;
  expect(error(actual)).toBeLessThanOrEqual(2 * Math.max(error(reference(Math.fround)), 2 ** -24));
}

function inputs(shape: AttentionShape) {
  const { heads, tokens, width, sources = tokens } = shape;
  const [queries, keys] = [heads * tokens * width, heads * sources * width];
  return { q: floats(queries, 1, 2), k: floats(keys, 2, 2), v: floats(keys, 3), dOut: floats(queries, 4) };
}

/** `length` floats in [-size, size), the same for the same seed. */
function floats(length: number, seed: number, size = 1): Float32Array {
  let state = seed;
  return Float32Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return size * (state / 2 ** 31 - 1);
  });
}
