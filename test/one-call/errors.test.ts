// What heed/one-call answers to bad input, and to a module in place of bytes.
import { beforeAll, expect, test } from "vitest";
import base64 from "#kernels/one-call.wasm";
import portable from "#kernels/portable.wasm";
import { type OneCall, oneCall } from "../../src/one-call";

let heed: OneCall;
beforeAll(async () => {
  heed = await oneCall();
});

const shape = { heads: 4, tokens: 8, width: 16 };
const full = new Float32Array(512);

test("a wrong length names the array, the formula and both numbers", () => {
  expect(() => heed.attention(new Float32Array(500), full, full, shape)).toThrow(
    "attention: q must hold heads*tokens*width = 4*8*16 = 512 floats, got 500",
  );
  expect(() => heed.attention(full, full, full, { ...shape, sources: 9 })).toThrow(
    "attention: k must hold heads*sources*width = 4*9*16 = 576 floats, got 512",
  );
  expect(() => heed.attentionGrad(full, full, full, new Float32Array(1), shape)).toThrow(
    "attentionGrad: dOut must hold heads*tokens*width = 4*8*16 = 512 floats, got 1",
  );
  expect(() => heed.matmul(full, full, 32, 16, 31)).toThrow(
    "matmul: b must hold k*n = 16*31 = 496 floats, got 512",
  );
  expect(() => heed.softmax(full, 3, 100)).toThrow(
    "softmax: x must hold rows*cols = 3*100 = 300 floats, got 512",
  );
});

test("dims and scale are checked", () => {
  expect(() => heed.softmax(full, 2.5, 4)).toThrow(
    "softmax: rows must be a whole number of at least 0, got 2.5",
  );
  expect(() => heed.softmax(full, -1, -512)).toThrow(
    "softmax: rows must be a whole number of at least 0, got -1",
  );
  expect(() => heed.attention(full, full, full, { ...shape, scale: Number.NaN })).toThrow(
    "attention: scale must be a finite number, got NaN",
  );
});

test("other arrays are refused by name", () => {
  const doubles = new Float64Array(512) as unknown as Float32Array; // the mistake that types cannot stop in JavaScript
  expect(() => heed.softmax(doubles, 32, 16)).toThrow("softmax: x must be a Float32Array, got Float64Array");
});

test("a call too large for memory throws and leaves the functions usable", () => {
  const none = new Float32Array();
  expect(() => heed.matmul(none, none, 30000, 0, 30000)).toThrow(
    "matmul: memory cannot hold the arrays of this call, 3434 MB together; use fewer rows or heads per call",
  );
  // One array may take 1 GB at most.
  expect(() => heed.matmul(none, none, 20000, 0, 20000)).toThrow(
    "matmul: memory cannot hold the arrays of this call, 1526 MB",
  );
  expect([...heed.softmax(new Float32Array(4), 2, 2)]).toEqual([0.5, 0.5, 0.5, 0.5]);
});

test("a compiled module gives the same functions and leaves WebAssembly as it was", async () => {
  const { Module } = WebAssembly;
  const own = await oneCall({ module: await compile(base64) });
  expect(WebAssembly.Module).toBe(Module);
  const x = Float32Array.from({ length: 12 }, (_, i) => Math.sqrt(i));
  expect(own.softmax(x, 3, 4)).toEqual(heed.softmax(x, 3, 4));
});

test("another module is refused", async () => {
  const module = await compile(portable);
  await expect(oneCall({ module })).rejects.toThrow(
    "oneCall: module must be compiled from heed/kernels/one-call.wasm, got another one",
  );
});

function compile(text: string): Promise<WebAssembly.Module> {
  return WebAssembly.compile(Uint8Array.from(atob(text), (character) => character.charCodeAt(0)));
}
