// Elementwise arithmetic, bias, column sums and reductions.
import { describe, expect, test } from "vitest";
import type { Kernels } from "../../src/runtime/kernels";
import * as reference from "../reference/elementwise";
import {
  checkKernel,
  expectClose,
  ids,
  inout,
  input,
  MATRIX_SIZES,
  noise,
  output,
  runKernel,
  UNROLLED_SIZES,
} from "./battery";

/** One rounding: half a unit in the last place. */
const ROUNDED = { relative: 2 ** -24, absolute: 0 };
/** Two roundings of values below 8. */
const TWO_ROUNDINGS = { relative: 2 ** -24, absolute: 8 * 2 ** -24 };
const ALPHA = 0.37109375;

type Binary = "sadd" | "ssub" | "smul";
const binary: Record<Binary, (a: Float32Array, b: Float32Array) => Float64Array> = {
  sadd: reference.add,
  ssub: reference.sub,
  smul: reference.mul,
};

// The keys of the table are the names.
describe.each(Object.keys(binary) as Binary[])("%s", (name) => {
  test.each(UNROLLED_SIZES)("n = %i", (n) => {
    const a = noise(n, 1);
    const b = noise(n, 2);
    const wanted = binary[name](a, b);
    checkKernel({
      buffers: { y: output(n), a: input(a), b: input(b) },
      run: (k, at) => k[name](at.y, at.a, at.b, n),
      expected: { y: wanted },
      tolerance: ROUNDED,
    });
    checkKernel({
      buffers: { a: inout(a), b: input(b) },
      run: (k, at) => k[name](at.a, at.a, at.b, n),
      expected: { a: wanted },
      tolerance: ROUNDED,
    });
  });
});

describe.each(UNROLLED_SIZES)("n = %i", (n) => {
  const x = noise(n, 3);
  const y = noise(n, 4);
  const b = noise(n, 5);

  test("sfill", () => {
    const expected = { y: new Float32Array(n).fill(ALPHA) };
    checkKernel({
      buffers: { y: output(n) },
      run: (k, at) => k.sfill(at.y, ALPHA, n),
      expected,
      tolerance: ROUNDED,
    });
  });

  test("scopy", () => {
    const buffers = { y: output(n), x: input(x) };
    checkKernel({ buffers, run: (k, at) => k.scopy(at.y, at.x, n), expected: { y: x }, tolerance: ROUNDED });
  });

  test("sscale", () => {
    const expected = { y: reference.scale(x, ALPHA) };
    const buffers = { y: output(n), x: input(x) };
    checkKernel({ buffers, run: (k, at) => k.sscale(at.y, at.x, ALPHA, n), expected, tolerance: ROUNDED });
    const inPlace = { y: inout(x) };
    checkKernel({
      buffers: inPlace,
      run: (k, at) => k.sscale(at.y, at.y, ALPHA, n),
      expected,
      tolerance: ROUNDED,
    });
  });

  test("saxpy", () => {
    const expected = { y: reference.axpy(y, x, ALPHA) };
    const buffers = { y: inout(y), x: input(x) };
    checkKernel({
      buffers,
      run: (k, at) => k.saxpy(at.y, at.x, ALPHA, n),
      expected,
      tolerance: TWO_ROUNDINGS,
    });
  });

  test("smuladd", () => {
    const expected = { y: reference.mulAdd(y, x, b) };
    const buffers = { y: inout(y), x: input(x), b: input(b) };
    checkKernel({
      buffers,
      run: (k, at) => k.smuladd(at.y, at.x, at.b, n),
      expected,
      tolerance: TWO_ROUNDINGS,
    });
  });

  test("ssum and ssum_squares add in float64", () => {
    const absolute = n * 4 * 2 ** -52;
    expectClose([reduce(x, (k, at) => k.ssum(at, n))], [reference.sum(x)], { relative: 0, absolute });
    expectClose([reduce(x, (k, at) => k.ssum_squares(at, n))], [reference.sumSquares(x)], {
      relative: 0,
      absolute,
    });
  });

  test("sfirst_nonfinite finds the first of them, wherever it is", () => {
    expect(reduce(x, (k, at) => k.sfirst_nonfinite(at, n))).toBe(-1);
    const largest = new Float32Array(n).fill(-3.4028234663852886e38);
    expect(reduce(largest, (k, at) => k.sfirst_nonfinite(at, n))).toBe(-1);
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      for (let i = 0; i < n; i++) {
        const spoiled = x.map((value, j) => (j === i || j === n - 1 ? bad : value));
        expect(reduce(spoiled, (k, at) => k.sfirst_nonfinite(at, n))).toBe(i);
      }
    }
  });
});

describe.each(MATRIX_SIZES)("rows %i, cols %i", (rows, cols) => {
  const x = noise(rows * cols, 6);

  test("sadd_bias", () => {
    const bias = noise(cols, 7);
    const expected = { y: reference.addBias(x, bias) };
    checkKernel({
      buffers: { y: output(rows * cols), x: input(x), bias: input(bias) },
      run: (k, at) => k.sadd_bias(at.y, at.x, at.bias, rows, cols),
      expected,
      tolerance: ROUNDED,
    });
    checkKernel({
      buffers: { y: inout(x), bias: input(bias) },
      run: (k, at) => k.sadd_bias(at.y, at.y, at.bias, rows, cols),
      expected,
      tolerance: ROUNDED,
    });
  });

  test("scolumn_sum accumulates", () => {
    const db = noise(cols, 8);
    checkKernel({
      buffers: { db: inout(db), dy: input(x) },
      run: (k, at) => k.scolumn_sum(at.db, at.dy, rows, cols),
      expected: { db: reference.add(db, reference.columnSum(x, rows, cols)) },
      // Naive float32: one rounding per row of partial sums below 2 rows.
      tolerance: { relative: 0, absolute: rows * 2 * rows * 2 ** -24 },
    });
  });
});

test("the battery notices a write past the end, a changed input and a wrong value", () => {
  const x = noise(8, 9);
  const buffers = { y: output(7), x: input(x) };
  expect(() => runKernel(buffers, (k, at) => k.scopy(at.y, at.x, 8))).toThrow("outside its buffer y[7] of 7");
  expect(() => runKernel(buffers, (k, at) => k.scopy(at.x, at.x + 4, 4))).toThrow(
    "changed its input x[0] of 8",
  );
  expect(() => expectClose([1, 2], [1, 2.5], ROUNDED, "y")).toThrow("[1] got 2, wanted 2.5");
  expect(() => expectClose([Number.NaN], [0], { relative: 1, absolute: 1 })).toThrow("got NaN");
  expect(ids([1, 2]).words).toEqual(Int32Array.of(1, 2));
});

/** The scalar that a kernel returns for x. */
function reduce(x: Float32Array, run: (kernels: Kernels, at: number) => number): number {
  let result = Number.NaN;
  runKernel({ x: input(x) }, (k, at) => {
    result = run(k, at.x);
  });
  return result;
}
