// The hot loops' exponential against float64: error, special values, and panels of every height.
import { expect, test } from "vitest";
import { checkKernel, inout, input, noise, output, runKernel, SIZES } from "./battery";

const LANES = 8;
const { POSITIVE_INFINITY: INFINITY, NaN: NAN } = Number;

/** 2^(x - shift) of the float32 difference, which is what the kernel raises 2 to. */
function panel(x: ArrayLike<number>, shifts: ArrayLike<number>): Float64Array {
  return Float64Array.from(x, (value, i) => 2 ** Math.fround(value - shifts[i % LANES]!));
}

function sums(y: Float64Array): Float64Array {
  const totals = new Float64Array(LANES);
  y.forEach((value, i) => {
    totals[i % LANES]! += value;
  });
  return totals;
}

/** exp2 of points whose number is a multiple of 8. */
function exp2(points: Float32Array): Float32Array {
  const buffers = {
    y: output(points.length),
    sums: output(LANES),
    x: input(points),
    shifts: input(new Float32Array(LANES)),
  };
  return runKernel(buffers, (k, at) => k.exp2_panel(at.y, at.x, at.shifts, at.sums, points.length / LANES)).y;
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

test.each(SIZES)("exp2_panel over %i rows, also in place", (rows) => {
  const x = noise(rows * LANES, 1, -20, 0);
  const shifts = noise(LANES, 2, 0, 4);
  const y = panel(x, shifts);
  // Sums of positive terms: a rounding of half a unit each.
  const tolerance = { relative: (3 + rows) * 2 ** -24, absolute: 0 };
  checkKernel({
    buffers: { y: output(x.length), sums: output(LANES), x: input(x), shifts: input(shifts) },
    run: (k, at) => k.exp2_panel(at.y, at.x, at.shifts, at.sums, rows),
    expected: { y, sums: sums(y) },
    tolerance,
  });
  checkKernel({
    buffers: { y: inout(x), sums: output(LANES), shifts: input(shifts) },
    run: (k, at) => k.exp2_panel(at.y, at.y, at.shifts, at.sums, rows),
    expected: { y, sums: sums(y) },
    tolerance,
  });
});
