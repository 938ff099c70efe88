// Philox: the published vectors, the fills against their twins, and the statistics of what comes out.
import { describe, expect, test } from "vitest";
import { add, axpy } from "../reference/elementwise";
import * as reference from "../reference/random";
import { checkKernel, inout, input, noise, output, runKernel, UNROLLED_SIZES } from "./battery";

const KEY = [0x9e3779b9 | 0, 0x12345678] as const;

type Words = readonly [number, number, number, number];

/** Known answers published with Random123 for philox4x32-10: counter, key, block. */
const published: readonly (readonly [Words, readonly [number, number], string])[] = [
  [[0, 0, 0, 0], [0, 0], "6627e8d5 e169c58d bc57ac4c 9b00dbd8"],
  [[-1, -1, -1, -1], [-1, -1], "408f276d 41c83b0e a20bc7c6 6d5451fd"],
  [
    [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
    [0xa4093822, 0x299f31d0],
    "d16cfe09 94fdcceb 5001e420 24126ea1",
  ],
];

test.each(published)("counter %j, key %j gives the published block", (counter, key, block) => {
  const { y } = runKernel({ y: output(4) }, (k, at) => k.random_block(at.y, ...counter, ...key));
  expect(hex(y)).toBe(block);
  expect(reference.philox(counter, key).map(hexWord).join(" ")).toBe(block);
});

describe.each(UNROLLED_SIZES)("n = %i", (n) => {
  const x = noise(n, 1);

  test("random_bits", () => {
    for (const offset of [0, 4]) {
      const { y } = runKernel({ y: output(n) }, (k, at) => k.random_bits(at.y, n, ...KEY), offset);
      expect(Array.from(words(y))).toEqual(reference.bits(n, ...KEY));
    }
  });

  test("random_uniform", () => {
    checkKernel({
      buffers: { y: output(n) },
      run: (k, at) => k.random_uniform(at.y, n, ...KEY, -3, 5),
      expected: { y: reference.uniform(n, ...KEY).map((u) => -3 + 8 * u) },
      tolerance: { relative: 2 ** -24, absolute: 0 },
    });
  });

  test("random_normal", () => {
    checkKernel({
      buffers: { y: output(n) },
      run: (k, at) => k.random_normal(at.y, n, ...KEY, 0.5, 2),
      expected: { y: reference.normal(n, ...KEY).map((z) => 0.5 + 2 * z) },
      // Radius below 12: errors of 1e-7 in the angle's functions, and a few roundings.
      tolerance: { relative: 2 ** -22, absolute: 12e-7 },
    });
  });

  test("sdropout and its gradient drop the same elements", () => {
    const rate = 0.25;
    const dx = noise(n, 2);
    const kept = reference.dropout(x, ...KEY, rate);
    const tolerance = { relative: 2 ** -23, absolute: 2 ** -23 };
    checkKernel({
      buffers: { y: output(n), x: input(x) },
      run: (k, at) => k.sdropout(at.y, at.x, n, ...KEY, rate),
      expected: { y: kept },
      tolerance,
    });
    checkKernel({
      buffers: { y: inout(x) },
      run: (k, at) => k.sdropout(at.y, at.y, n, ...KEY, rate),
      expected: { y: kept },
      tolerance,
    });
    checkKernel({
      buffers: { dx: inout(dx), dy: input(x) },
      run: (k, at) => k.sdropout_grad(at.dx, at.dy, n, ...KEY, rate),
      expected: { dx: add(dx, kept) },
      tolerance: { relative: 2 ** -23, absolute: 8 * 2 ** -24 },
    });
  });
});

test("dropout at rate 0 is the identity, and a dropped NaN is gone", () => {
  const x = noise(100, 3);
  const { y } = runKernel({ y: output(100), x: input(x) }, (k, at) => k.sdropout(at.y, at.x, 100, ...KEY, 0));
  expect(y).toEqual(x);
  const nan = new Float32Array(100).fill(Number.NaN);
  const dropped = runKernel({ y: output(100), x: input(nan) }, (k, at) =>
    k.sdropout(at.y, at.x, 100, ...KEY, 0.5),
  ).y;
  expect(Array.from(dropped, Number.isNaN)).toEqual(reference.uniform(100, ...KEY).map((u) => u >= 0.5));
});

describe("statistics of a million draws", () => {
  const n = 1_000_000;

  test("uniform: mean, variance, no value outside [0, 1)", () => {
    const { y } = runKernel({ y: output(n) }, (k, at) => k.random_uniform(at.y, n, 1, 2, 0, 1));
    const { mean, variance } = moments(y);
    expect(y.every((u) => u >= 0 && u < 1)).toBe(true);
    expect(Math.abs(mean - 0.5)).toBeLessThan(5 * Math.sqrt(1 / 12 / n));
    // The variance of (u - 1/2)^2 is 1/80 - 1/144.
    expect(Math.abs(variance - 1 / 12)).toBeLessThan(5 * Math.sqrt((1 / 80 - 1 / 144) / n));
  });

  test("normal: mean, variance, skewness and kurtosis within five standard errors", () => {
    const { y } = runKernel({ y: output(n) }, (k, at) => k.random_normal(at.y, n, 3, 4, 0, 1));
    const { mean, variance, skewness, kurtosis } = moments(y);
    expect(Math.abs(mean)).toBeLessThan(5 * Math.sqrt(1 / n));
    expect(Math.abs(variance - 1)).toBeLessThan(5 * Math.sqrt(2 / n));
    expect(Math.abs(skewness)).toBeLessThan(5 * Math.sqrt(6 / n));
    expect(Math.abs(kurtosis - 3)).toBeLessThan(5 * Math.sqrt(24 / n));
    // The two lanes of a pair are uncorrelated, and so are neighbouring pairs.
    for (const lag of [1, 2, 4]) {
      let product = 0;
      for (let i = lag; i < n; i++) product += y[i]! * y[i - lag]!;
      expect(Math.abs(product / n)).toBeLessThan(5 * Math.sqrt(1 / n));
    }
  });

  test("dropout keeps the share it should", () => {
    const ones = new Float32Array(n).fill(1);
    const { y } = runKernel({ y: output(n), x: input(ones) }, (k, at) =>
      k.sdropout(at.y, at.x, n, 5, 6, 0.1),
    );
    const kept = axpy(y, y, 0).filter((value) => value > 0).length / n;
    expect(Math.abs(kept - 0.9)).toBeLessThan(5 * Math.sqrt((0.9 * 0.1) / n));
  });
});

function moments(x: Float32Array) {
  const mean = average(x, (value) => value);
  const variance = average(x, (value) => (value - mean) ** 2);
  const skewness = average(x, (value) => (value - mean) ** 3) / variance ** 1.5;
  const kurtosis = average(x, (value) => (value - mean) ** 4) / variance ** 2;
  return { mean, variance, skewness, kurtosis };
}

function average(x: Float32Array, f: (value: number) => number): number {
  let sum = 0;
  for (const value of x) sum += f(value);
  return sum / x.length;
}

function words(y: Float32Array): Uint32Array {
  return new Uint32Array(y.buffer, y.byteOffset, y.length);
}

function hex(y: Float32Array): string {
  return Array.from(words(y), hexWord).join(" ");
}

function hexWord(word: number): string {
  return word.toString(16).padStart(8, "0");
}
