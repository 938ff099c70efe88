// The hot loops' exponential against float64: error, special values, and arrays of every length.
import { expect, test } from "vitest";
import { checkKernel, inout, input, noise, output, runKernel, SIZES } from "./battery";

const { POSITIVE_INFINITY: INFINITY, NaN: NAN } = Number;

function exp2(points: Float32Array): Float32Array {
  const buffers = { y: output(points.length), x: input(points) };
  return runKernel(buffers, (k, at) => k.vexp2(at.y, at.x, points.length)).y;
}

test("the relative error of 2^u is at most 2e-7 for -126 <= u < 127.5, however large u", () => {
  const points = Float32Array.from({ length: 400_000 }, (_, i) => -126 + (253.49 * i) / 399_999);
  const y = exp2(points);
  const worst = points.reduce((most, u, i) => Math.max(most, Math.abs(y[i]! / 2 ** u - 1)), 0);
  expect(worst).toBeLessThanOrEqual(2e-7);
});

test("special values: exact at integers, 0 from -127 down, NaN for NaN of any payload", () => {
  expect(Array.from(exp2(Float32Array.of(0, -0, 1, -1, -126, 127, 64, 7)))).toEqual([
    1,
    1,
    2,
    0.5,
    2 ** -126,
    2 ** 127,
    2 ** 64,
    128,
  ]);
  expect(Array.from(exp2(Float32Array.of(-127, -127.3, -1e4, -3e38, -INFINITY, NAN, -1e30, -128)))).toEqual([
    0,
    0,
    0,
    0,
    0,
    NAN,
    0,
    0,
  ]);
  const payloads = new Float32Array(
    new Int32Array([1, 0x7f, 0xfe, 0xff, 0x100, 0x1ff, 0x3fffff, 0].map((low) => 0x7fc00000 | low)).buffer,
  );
  expect(exp2(payloads).every(Number.isNaN)).toBe(true);
});

test.each(SIZES)("vexp2 of %i numbers, also in place", (n) => {
  const x = noise(n, 1, -20, 4);
  const expected = { y: Float64Array.from(x, (value) => 2 ** value) };
  const tolerance = { relative: 2e-7, absolute: 0 };
  checkKernel({
    buffers: { y: output(n), x: input(x) },
    run: (k, at) => k.vexp2(at.y, at.x, n),
    expected,
    tolerance,
  });
  checkKernel({ buffers: { y: inout(x) }, run: (k, at) => k.vexp2(at.y, at.y, n), expected, tolerance });
});
