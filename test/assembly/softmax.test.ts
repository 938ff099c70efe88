// Row softmax and its gradient.
import { describe, expect, test } from "vitest";
import { add } from "../reference/elementwise";
import { softmax, softmaxGrad } from "../reference/softmax";
import { checkKernel, expectClose, inout, input, MATRIX_SIZES, noise, output, runKernel } from "./battery";

/** Naive float32: exp and the quotient a unit each, the sum of n weights n/2 half units. */
const tolerance = (cols: number) => ({ relative: (6 + cols) * 2 ** -24, absolute: 1e-37 });
const { NEGATIVE_INFINITY } = Number;

describe.each(MATRIX_SIZES)("rows %i, cols %i", (rows, cols) => {
  const size = rows * cols;
  const x = noise(size, 1, -8, 8);
  const y = softmax(x, rows, cols);

  test("ssoftmax", () => {
    const run = tolerance(cols);
    checkKernel({
      buffers: { y: output(size), x: input(x) },
      run: (k, at) => k.ssoftmax(at.y, at.x, rows, cols),
      expected: { y },
      // Differences of logits below 16 carry a rounding of 2^-20.
      tolerance: { ...run, relative: run.relative + 2 ** -20 },
    });
    checkKernel({
      buffers: { y: inout(x) },
      run: (k, at) => k.ssoftmax(at.y, at.y, rows, cols),
      expected: { y },
      tolerance: { ...run, relative: run.relative + 2 ** -20 },
    });
  });

  test("ssoftmax_grad accumulates", () => {
    const dx = noise(size, 2);
    const dy = noise(size, 3);
    const weights = Float32Array.from(y);
    checkKernel({
      buffers: { dx: inout(dx), dy: input(dy), y: input(weights) },
      run: (k, at) => k.ssoftmax_grad(at.dx, at.dy, at.y, rows, cols),
      expected: { dx: add(dx, softmaxGrad(dy, weights, rows, cols)) },
      tolerance: { relative: 2 ** -23, absolute: 8 * 2 ** -24 },
    });
  });

  test("masked entries weigh nothing and a wholly masked row gives zeros", () => {
    const masked = x.map((value, i) => (i < cols || i % 3 === 0 ? NEGATIVE_INFINITY : value));
    const got = runKernel({ y: output(size), x: input(masked) }, (k, at) =>
      k.ssoftmax(at.y, at.x, rows, cols),
    ).y;
    expectClose(got, softmax(masked, rows, cols), { relative: 2 ** -19, absolute: 0 });
    expect(got.every((value, i) => masked[i] !== NEGATIVE_INFINITY || value === 0)).toBe(true);
  });

  test("logits of +-1e4 and above", () => {
    for (const shift of [1e4, -1e4, 3e38, -3e38]) {
      const shifted = x.map((value, i) => (i % 2 ? shift : -shift / 2) + value);
      const got = runKernel({ y: output(size), x: input(shifted) }, (k, at) =>
        k.ssoftmax(at.y, at.x, rows, cols),
      ).y;
      expectClose(got, softmax(shifted, rows, cols), { relative: 2 ** -19, absolute: 1e-37 });
    }
  });
});

test("a NaN makes its own row NaN and no other", () => {
  for (let i = 0; i < 11; i++) {
    const x = noise(22, 4);
    x[i] = Number.NaN;
    const { y } = runKernel({ y: output(22), x: input(x) }, (k, at) => k.ssoftmax(at.y, at.x, 2, 11));
    expect(y.subarray(0, 11).every(Number.isNaN)).toBe(true);
    expect(y.subarray(11).every(Number.isFinite)).toBe(true);
  }
});

test("the twin's gradient agrees with finite differences", () => {
  const [rows, cols, h] = [2, 5, 1e-5];
  const x = Float64Array.from(noise(rows * cols, 5));
  const dy = noise(rows * cols, 6);
  const objective = (at: Float64Array) =>
    softmax(at, rows, cols).reduce((sum, value, i) => sum + value * dy[i]!, 0);
  const differences = x.map((_, i) => {
    const up = x.with(i, x[i]! + h);
    const down = x.with(i, x[i]! - h);
    return (objective(up) - objective(down)) / (2 * h);
  });
  expectClose(softmaxGrad(dy, softmax(x, rows, cols), rows, cols), differences, {
    relative: 1e-8,
    absolute: 1e-9,
  });
});
