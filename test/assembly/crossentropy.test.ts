// Cross-entropy and its gradient.
import { describe, expect, test } from "vitest";
import { crossentropy, crossentropyGrad } from "../reference/crossentropy";
import { add } from "../reference/elementwise";
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
} from "./battery";

const SCALE = 0.171875;
const { NEGATIVE_INFINITY } = Number;

// A row needs a class to aim at.
describe.each(MATRIX_SIZES.filter(([, cols]) => cols > 0))("rows %i, cols %i", (rows, cols) => {
  const size = rows * cols;
  const logits = noise(size, 1, -8, 8);
  const dlogits = noise(size, 2);
  // First and last class, and an ignored row.
  const targets = Array.from({ length: rows }, (_, r) => [cols - 1, 0, -1, r % cols][r % 4]!);

  test("scrossentropy", () => {
    checkKernel({
      buffers: { loss: output(rows), lse: output(rows), logits: input(logits), targets: ids(targets) },
      run: (k, at) => k.scrossentropy(at.loss, at.lse, at.logits, at.targets, rows, cols),
      expected: crossentropy(logits, targets, rows, cols),
      // Logits below 8 and losses below 20: a rounding each of maximum, logarithm and difference.
      tolerance: { relative: 2 ** -23, absolute: 8 * 2 ** -22 },
    });
  });

  test("scrossentropy_grad accumulates", () => {
    const lse = Float32Array.from(crossentropy(logits, targets, rows, cols).lse);
    checkKernel({
      buffers: { dlogits: inout(dlogits), logits: input(logits), lse: input(lse), targets: ids(targets) },
      run: (k, at) => k.scrossentropy_grad(at.dlogits, at.logits, at.lse, at.targets, rows, cols, SCALE),
      expected: { dlogits: add(dlogits, crossentropyGrad(logits, targets, rows, cols, SCALE)) },
      tolerance: { relative: 2 ** -23, absolute: 8 * 2 ** -23 },
    });
  });

  test("logits of +-1e4 and -inf", () => {
    const extreme = logits.map((value, i) => {
      const isTarget = i % cols === targets[Math.floor(i / cols)];
      if (isTarget) return 1e4 + value;
      return [value - 1e4, NEGATIVE_INFINITY, 1e4 - value][i % 3]!;
    });
    const wanted = crossentropy(extreme, targets, rows, cols);
    const got = runKernel(
      { loss: output(rows), lse: output(rows), logits: input(extreme), targets: ids(targets) },
      (k, at) => k.scrossentropy(at.loss, at.lse, at.logits, at.targets, rows, cols),
    );
    // Units in the last place at 1e4 are 2^-10.
    expectClose(got.lse, wanted.lse, { relative: 2 ** -23, absolute: 0 });
    expectClose(got.loss, wanted.loss, { relative: 0, absolute: 2 ** -9 });
    const { d } = runKernel(
      {
        d: inout(new Float32Array(size)),
        logits: input(extreme),
        lse: input(got.lse),
        targets: ids(targets),
      },
      (k, at) => k.scrossentropy_grad(at.d, at.logits, at.lse, at.targets, rows, cols, SCALE),
    );
    expectClose(d, crossentropyGrad(extreme, targets, rows, cols, SCALE), {
      relative: 0,
      absolute: SCALE * 2 ** -9,
    });
  });
});

test("a masked target costs infinity and a row without any class NaN", () => {
  const logits = [NEGATIVE_INFINITY, 1, 2, ...Array(3).fill(NEGATIVE_INFINITY)];
  const { loss, lse } = runKernel(
    { loss: output(2), lse: output(2), logits: input(logits), targets: ids([0, 0]) },
    (k, at) => k.scrossentropy(at.loss, at.lse, at.logits, at.targets, 2, 3),
  );
  expect(Array.from(loss)).toEqual([Number.POSITIVE_INFINITY, Number.NaN]);
  expect(lse[1]).toBe(NEGATIVE_INFINITY);
});

test("a NaN logit reaches the loss of its row alone", () => {
  for (let i = 0; i < 11; i++) {
    const logits = noise(22, 3);
    logits[i] = Number.NaN;
    const { loss } = runKernel(
      { loss: output(2), lse: output(2), logits: input(logits), targets: ids([0, 0]) },
      (k, at) => k.scrossentropy(at.loss, at.lse, at.logits, at.targets, 2, 11),
    );
    expect(Array.from(loss, Number.isNaN)).toEqual([true, false]);
  }
});

test("the twin's gradient agrees with finite differences", () => {
  const [rows, cols, h] = [3, 5, 1e-5];
  const logits = Float64Array.from(noise(rows * cols, 4));
  const targets = [4, -1, 2];
  const total = (at: Float64Array) =>
    crossentropy(at, targets, rows, cols).loss.reduce((sum, loss) => sum + loss, 0);
  const differences = logits.map(
    (value, i) => (total(logits.with(i, value + h)) - total(logits.with(i, value - h))) / (2 * h),
  );
  expectClose(crossentropyGrad(logits, targets, rows, cols, 1), differences, {
    relative: 1e-8,
    absolute: 1e-9,
  });
});
