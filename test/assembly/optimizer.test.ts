// AdamW and SGD steps.
import { describe, expect, test } from "vitest";
import { adamw, sgd } from "../reference/optimizer";
import { absent, checkKernel, inout, input, noise, runKernel, UNROLLED_SIZES } from "./battery";

const ADAM = { lr: 3e-2, beta1: 0.9, beta2: 0.999, weightDecay: 0.1, gradScale: 0.3 };
const SGD = { lr: 3e-2, momentum: 0.9, weightDecay: 0.1, gradScale: 0.3 };

describe.each(UNROLLED_SIZES)("n = %i", (n) => {
  const p = noise(n, 1);
  const m = noise(n, 2, -0.1, 0.1);
  const v = noise(n, 3, 1e-4, 0.1);
  const g = noise(n, 4);

  test.each([
    [1, 1e-8],
    [2, 0.1],
    [1000, 1e-8],
  ])("sadamw at step %i with eps %d", (step, eps) => {
    const { lr, beta1, beta2, weightDecay, gradScale } = ADAM;
    checkKernel({
      buffers: { p: inout(p), m: inout(m), v: inout(v), g: input(g) },
      run: (k, at) =>
        k.sadamw(
          at.p,
          at.m,
          at.v,
          at.g,
          n,
          lr,
          beta1,
          beta2,
          eps,
          weightDecay,
          1 - beta1 ** step,
          1 - beta2 ** step,
          gradScale,
        ),
      expected: adamw(p, m, v, g, { ...ADAM, eps, step }),
      // Moments: two roundings of values below 0.2. Parameters below 2.2: two, and a step of up to lr m / sqrt(v).
      tolerance: { relative: 2 ** -22, absolute: 2 ** -25 },
    });
  });

  test("sadamw from zero moments and gradients stands still", () => {
    const zero = new Float32Array(n);
    checkKernel({
      buffers: { p: inout(p), m: inout(zero), v: inout(zero), g: input(zero) },
      run: (k, at) => k.sadamw(at.p, at.m, at.v, at.g, n, 0.1, 0.9, 0.999, 1e-8, 0, 0.1, 0.001, 1),
      expected: { p, m: zero, v: zero },
      tolerance: { relative: 0, absolute: 0 },
    });
  });

  test("ssgd with momentum", () => {
    const { lr, momentum, weightDecay, gradScale } = SGD;
    checkKernel({
      buffers: { p: inout(p), velocity: inout(m), g: input(g) },
      run: (k, at) => k.ssgd(at.p, at.velocity, at.g, n, lr, momentum, weightDecay, gradScale),
      expected: sgd(p, m, g, SGD),
      tolerance: { relative: 2 ** -23, absolute: 2 ** -23 },
    });
  });

  test("ssgd without velocity", () => {
    const { lr, weightDecay, gradScale } = SGD;
    checkKernel({
      buffers: { p: inout(p), velocity: absent(), g: input(g) },
      run: (k, at) => k.ssgd(at.p, at.velocity, at.g, n, lr, 0, weightDecay, gradScale),
      expected: { p: sgd(p, undefined, g, SGD).p },
      tolerance: { relative: 2 ** -23, absolute: 2 ** -23 },
    });
  });
});

test("the first step moves every parameter by lr against the sign of its gradient, whatever beta2", () => {
  for (const beta2 of [0.9, 0.99, 0.999, 0.9999]) {
    const zero = new Float32Array(5);
    const g = [1e-3, -2, 30, -1e-4, 5];
    const { p } = runKernel({ p: inout(zero), m: inout(zero), v: inout(zero), g: input(g) }, (k, at) =>
      k.sadamw(at.p, at.m, at.v, at.g, 5, 0.5, 0.9, beta2, 0, 0, 1 - 0.9, 1 - beta2, 1),
    );
    for (let i = 0; i < 5; i++)
      expect(Math.abs(p[i]! + 0.5 * Math.sign(g[i]!))).toBeLessThanOrEqual(4 * 2 ** -24);
  }
});
