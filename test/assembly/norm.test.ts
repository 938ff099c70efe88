// Layer and RMS normalisation with gradients; gain, bias and every gradient present and absent.
import { describe, expect, test } from "vitest";
import { add } from "../reference/elementwise";
import * as reference from "../reference/norm";
import {
  absent,
  checkKernel,
  expectClose,
  inout,
  input,
  MATRIX_SIZES,
  noise,
  output,
  runKernel,
} from "./battery";

const EPS = Math.fround(1e-5);
/** Rows of one column have no variance: everything is rounding times 1 / sqrt(eps), so they get a large eps. */
const epsFor = (cols: number) => (cols < 3 ? 0.5 : EPS);
/** Unit rows are below 4, gain and bias below 2; naive float32 adds cols roundings of the mean and as many of the variance. */
const tolerance = (cols: number) => ({ relative: 2 ** -21, absolute: (16 + cols) * 2 ** -22 });

describe.each(MATRIX_SIZES)("rows %i, cols %i", (rows, cols) => {
  const size = rows * cols;
  const x = noise(size, 1, -1, 3);
  const dy = noise(size, 2);
  const dx = noise(size, 3);
  const gain = noise(cols, 4);
  const bias = noise(cols, 5);
  const dgain = noise(cols, 6);
  const dbias = noise(cols, 7);
  const eps = epsFor(cols);
  // Without columns the statistics are 0/0.
  const stats = (values: Float64Array) => (cols === 0 ? values.fill(Number.NaN) : values);

  describe.each([
    ["with gain and bias", gain, bias],
    ["with gain", gain, undefined],
    ["with bias", undefined, bias],
    ["plain", undefined, undefined],
  ] as const)("%s", (_, g, b) => {
    const buffers = { gain: g ? input(g) : absent(), bias: b ? input(b) : absent() };
    const layer = reference.layernorm(x, g, b, rows, cols, eps);
    const rms = reference.rmsnorm(x, g, rows, cols, eps);

    test("slayernorm", () => {
      const expected = { y: layer.y, stats: stats(layer.stats) };
      checkKernel({
        buffers: { y: output(size), stats: output(2 * rows), x: input(x), ...buffers },
        run: (k, at) => k.slayernorm(at.y, at.stats, at.x, at.gain, at.bias, rows, cols, eps),
        expected,
        tolerance: tolerance(cols),
      });
      checkKernel({
        buffers: { y: inout(x), stats: output(2 * rows), ...buffers },
        run: (k, at) => k.slayernorm(at.y, at.stats, at.y, at.gain, at.bias, rows, cols, eps),
        expected,
        tolerance: tolerance(cols),
      });
    });

    test("srmsnorm", () => {
      const expected = { y: rms.y, stats: stats(rms.stats) };
      checkKernel({
        buffers: { y: output(size), stats: output(rows), x: input(x), ...buffers },
        run: (k, at) => k.srmsnorm(at.y, at.stats, at.x, at.gain, rows, cols, eps),
        expected,
        tolerance: tolerance(cols),
      });
      checkKernel({
        buffers: { y: inout(x), stats: output(rows), ...buffers },
        run: (k, at) => k.srmsnorm(at.y, at.stats, at.y, at.gain, rows, cols, eps),
        expected,
        tolerance: tolerance(cols),
      });
    });
  });

  describe.each([
    ["all gradients, with gain", gain, true, true],
    ["only dx, with gain", gain, true, false],
    ["only dx, plain", undefined, true, false],
    ["only parameters", gain, false, true],
  ] as const)("%s", (_, g, wantsInput, wantsParameters) => {
    const wanted = reference.layernormGrad(dy, x, g, rows, cols, eps);
    const wantedRms = reference.rmsnormGrad(dy, x, g, rows, cols, eps);
    const buffers = {
      dx: wantsInput ? inout(dx) : absent(),
      dgain: wantsParameters ? inout(dgain) : absent(),
      dy: input(dy),
      x: input(x),
      gain: g ? input(g) : absent(),
    };
    // Sums over rows add a rounding each; rstd scales the error of dx.
    const bound = (rstd: Float64Array) => ({
      relative: 2 ** -21,
      absolute: tolerance(cols).absolute * Math.max(rows, ...rstd.filter(Number.isFinite)),
    });

    test("slayernorm_grad accumulates", () => {
      const { stats } = reference.layernorm(x, g, undefined, rows, cols, eps);
      checkKernel({
        buffers: { ...buffers, dbias: wantsParameters ? inout(dbias) : absent(), stats: input(stats) },
        run: (k, at) =>
          k.slayernorm_grad(at.dx, at.dgain, at.dbias, at.dy, at.x, at.gain, at.stats, rows, cols),
        expected: {
          dx: add(dx, wanted.dx),
          dgain: add(dgain, wanted.dgain),
          dbias: add(dbias, wanted.dbias),
        },
        tolerance: bound(stats),
      });
    });

    test("srmsnorm_grad accumulates", () => {
      const { stats } = reference.rmsnorm(x, g, rows, cols, eps);
      checkKernel({
        buffers: { ...buffers, stats: input(stats) },
        run: (k, at) => k.srmsnorm_grad(at.dx, at.dgain, at.dy, at.x, at.gain, at.stats, rows, cols),
        expected: { dx: add(dx, wantedRms.dx), dgain: add(dgain, wantedRms.dgain) },
        tolerance: bound(stats),
      });
    });
  });
});

test("a mean far from zero does not swallow the variance", () => {
  const x = noise(64, 8, 1000, 1001);
  const { y } = runKernel({ y: output(64), stats: output(2), x: input(x) }, (k, at) =>
    k.slayernorm(at.y, at.stats, at.x, 0, 0, 1, 64, EPS),
  );
  // The mean is rounded at 2^-14, and the row is divided by a deviation of about 0.29.
  expectClose(y, reference.layernorm(x, undefined, undefined, 1, 64, EPS).y, {
    relative: 0,
    absolute: 2 ** -12,
  });
});

test("the twins' gradients agree with finite differences", () => {
  const [rows, cols, h] = [3, 5, 1e-5];
  const x = Float64Array.from(noise(rows * cols, 9));
  const gain = Float64Array.from(noise(cols, 10));
  const dy = noise(rows * cols, 11);
  const dot = (y: Float64Array) => y.reduce((sum, value, i) => sum + value * dy[i]!, 0);
  const difference = (at: Float64Array, objective: (at: Float64Array) => number) =>
    at.map((value, i) => (objective(at.with(i, value + h)) - objective(at.with(i, value - h))) / (2 * h));
  const close = { relative: 1e-7, absolute: 1e-8 };

  const layer = reference.layernormGrad(dy, x, gain, rows, cols, EPS);
  expectClose(
    layer.dx,
    difference(x, (at) => dot(reference.layernorm(at, gain, gain, rows, cols, EPS).y)),
    close,
  );
  expectClose(
    layer.dgain,
    difference(gain, (at) => dot(reference.layernorm(x, at, gain, rows, cols, EPS).y)),
    close,
  );
  expectClose(
    layer.dbias,
    difference(gain, (at) => dot(reference.layernorm(x, gain, at, rows, cols, EPS).y)),
    close,
  );
  const rms = reference.rmsnormGrad(dy, x, gain, rows, cols, EPS);
  expectClose(
    rms.dx,
    difference(x, (at) => dot(reference.rmsnorm(at, gain, rows, cols, EPS).y)),
    close,
  );
  expectClose(
    rms.dgain,
    difference(gain, (at) => dot(reference.rmsnorm(x, at, rows, cols, EPS).y)),
    close,
  );
  expect(layer.dx.length).toBe(rows * cols);
});
