// Activations and their gradients, and the gradients of the twins against finite differences.
import { describe, expect, test } from "vitest";
import * as reference from "../reference/activation";
import { axpy, mulAdd } from "../reference/elementwise";
import { checkKernel, expectClose, inout, input, noise, output, runKernel, UNROLLED_SIZES } from "./battery";

const table = [
  ["srelu", reference.relu],
  ["sgelu", reference.gelu],
  ["sgelu_tanh", reference.geluTanh],
  ["ssilu", reference.silu],
  ["ssquare_relu", reference.squareRelu],
] as const;

/** Naive float32 makes a handful of roundings, relative to |x| <= 8 where 1 + erf or 1 + tanh cancels. */
const TOLERANCE = { relative: 4 * 2 ** -24, absolute: 8 * 2 ** -23 };

describe.each(table)("%s", (name, { f, slope }) => {
  test.each(UNROLLED_SIZES)("n = %i", (n) => {
    const x = noise(n, 1, -6, 6);
    const dy = noise(n, 2);
    const dx = noise(n, 3);
    const expected = { y: Array.from(x, f) };
    const buffers = { y: output(n), x: input(x) };
    checkKernel({ buffers, run: (k, at) => k[name](at.y, at.x, n), expected, tolerance: TOLERANCE });
    checkKernel({
      buffers: { y: inout(x) },
      run: (k, at) => k[name](at.y, at.y, n),
      expected,
      tolerance: TOLERANCE,
    });
    checkKernel({
      buffers: { dx: inout(dx), dy: input(dy), x: input(x) },
      run: (k, at) => k[`${name}_grad`](at.dx, at.dy, at.x, n),
      expected: { dx: mulAdd(dx, dy, Array.from(x, slope)) },
      tolerance: { relative: 4 * 2 ** -24, absolute: 32 * 2 ** -23 },
    });
  });

  test("the twin's slope is its derivative", () => {
    const points = Array.from(noise(50, 4, -5, 5)).filter((x) => Math.abs(x) > 1e-3);
    const h = 1e-5;
    const differences = points.map((x) => (f(x + h) - f(x - h)) / (2 * h));
    expectClose(points.map(slope), differences, { relative: 1e-8, absolute: 1e-8 });
  });

  test("large inputs and NaN", () => {
    const x = Float32Array.of(-1e4, -100, 0, 100, 1e4, Number.NaN);
    const { y } = runKernel({ y: output(6), x: input(x) }, (k, at) => k[name](at.y, at.x, 6));
    // The absolute part is where float32 turns subnormal.
    expectClose(y, Array.from(x, f), { relative: 2 ** -23, absolute: 2 ** -126 });
    const { dx } = runKernel(
      { dx: inout(new Float32Array(6)), dy: input(x.fill(1, 5)), x: input(x) },
      (k, at) => k[`${name}_grad`](at.dx, at.dy, at.x, 6),
    );
    expectClose(
      dx,
      axpy(
        new Float32Array(6),
        Array.from(x, (v) => v * slope(v)),
        1,
      ),
      { relative: 2 ** -23, absolute: 1e-6 },
    );
    expect(Array.from(dx).every(Number.isFinite)).toBe(true);
  });
});

test("sgelu keeps its relative accuracy in the negative tail, where 1 + erf has none left", () => {
  const x = noise(1000, 5, -12, -1);
  const { y } = runKernel({ y: output(1000), x: input(x) }, (k, at) => k.sgelu(at.y, at.x, 1000));
  // x^2 / 2 up to 72 is rounded at 2^-18 before the exponential.
  expectClose(y, Array.from(x, reference.gelu.f), { relative: 2 ** -17, absolute: 2 ** -126 });
});
