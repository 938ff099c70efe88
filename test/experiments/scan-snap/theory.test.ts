// The closed forms against known values, against the recursion they stand for, and against quadrature.
import { describe, expect, test } from "vitest";
import { makeClasses } from "../../../src/experiments/scan-snap/classes";
import {
  bound,
  gamma,
  gammaIntegral,
  gammaPeak,
  h,
  halfTime,
  hDiscrete,
  omega1,
  snapTime,
} from "../../../src/experiments/scan-snap/theory";
import { THEOREM_3 } from "../../../src/experiments/scan-snap/theory-grid";
import { theoryMode } from "../../../src/experiments/scan-snap/theory-mode";
import { expectTheory } from "../../../src/experiments/scan-snap/theory-run";

describe("h* and h", () => {
  test.each([
    [50, 80, 0.1, 0.1011, 0.10076, 1e-5],
    [50, 80, 0.2, 0.1246, 0.12416, 1e-5],
    [50, 80, 0.5, 0.14855, 0.14803, 1e-5],
    [50, 80, 1, 0.16437, 0.16377, 1e-5],
    [50, 80, 2, 0.1793, 0.17862, 1e-5],
    [1000, 70, 0.2, 0.008626, 0.008597, 1e-6],
    [1000, 70, 0.5, 0.010154, 0.010122, 1e-6],
    [1000, 70, 1, 0.01102, 0.010986, 1e-6],
    [1000, 70, 2, 0.0118, 0.011762, 1e-6],
    [1000, 70, 4, 0.012541, 0.012497, 1e-6],
  ])("M %i after %i visits, etaY %f", (tokens, visits, etaY, discrete, continuous, tolerance) => {
    const steps = hDiscrete({ tokens, etaY }, visits);
    expect(Math.abs(steps[visits]! - discrete)).toBeLessThan(tolerance);
    expect(Math.abs(h({ tokens, etaY }, visits) - continuous)).toBeLessThan(tolerance);
    steps.forEach((value, s) => {
      const limit = h({ tokens, etaY }, s);
      expect(value).toBeGreaterThanOrEqual(limit - 1e-16);
      expect(value - limit).toBeLessThanOrEqual((2 * etaY) / tokens);
      const x = tokens * limit;
      const equation = Math.exp(x) + (tokens - 1) * x - (tokens * etaY * s + 1);
      expect(Math.abs(equation)).toBeLessThan(1e-11 * tokens * (etaY * s + 1));
    });
  });
});

test.each([
  [34, 0.455],
  [100, 0.403],
  [1000, 0.32],
  [10000, 0.267],
])("omega1 of M %i", (tokens, value) => {
  const omega = omega1(tokens);
  expect(Math.abs(omega - value)).toBeLessThan(5e-4);
  expect(tokens ** omega / ((1 + omega) * (1 - 1 / tokens) * Math.log(tokens))).toBeCloseTo(1, 10);
});

test.each([
  [{ tokens: 1000, classes: 10, etaY: 0.5 }, 5.421, 112.8, 4.416, 157.96],
  [{ tokens: 34, classes: 2, etaY: 1 }, undefined, 6.55, 1.815, 8.67],
])("landmarks of %o", (decoder, x, t, peak, half) => {
  const found = gammaPeak(decoder);
  if (x !== undefined) expect(Math.abs(found.x / x - 1)).toBeLessThan(1e-3);
  expect(Math.abs(found.t / t - 1)).toBeLessThan(1e-3);
  expect(Math.abs(found.gamma / peak - 1)).toBeLessThan(1e-3);
  for (const away of [0.9, 1.1]) expect(gamma(decoder, away * found.t)).toBeLessThan(found.gamma);
  expect(Math.abs(halfTime(decoder) / half - 1)).toBeLessThan(1e-3);
  // alpha = e^(M h) / (M - 1 + e^(M h)) is one half there.
  const power = Math.exp(decoder.tokens * h(decoder, halfTime(decoder) / decoder.classes));
  expect(power / (decoder.tokens - 1 + power)).toBeCloseTo(0.5, 10);
});

test("Gamma is the integral of etaZ gamma", () => {
  const decoder = { tokens: 34, classes: 2, etaY: 1 };
  const [steps, end] = [4000, 80];
  let sum = 0;
  for (let i = 0; i < steps; i++) {
    const at = (part: number) => gamma(decoder, ((i + part) * end) / steps);
    sum += ((at(0) + 4 * at(0.5) + at(1)) / 6) * (end / steps);
  }
  expect(Math.abs(gammaIntegral(decoder, 0.3, end) / (0.3 * sum) - 1)).toBeLessThan(1e-9);
});

describe("B_n with K = 1 and C0 = 1", () => {
  const ETA_Z = [0.5, 1, 2, 4, 8];
  test.each([
    [10, 100, 5, 0.5556, [0.62, 0.671, 0.713, 0.749, 0.783]],
    [1, 10000, 50, 1.4025, [1.408, 1.45, 1.481, 1.509, 1.533]],
  ])("nu %i, M %i: the same at every t0, and known at t = %i", (nu, tokens, t, atSnap, later) => {
    const decoders = ETA_Z.map((etaZ) => ({ tokens, classes: 1, etaY: nu * etaZ }));
    const atT0 = decoders.map((decoder, i) => bound(decoder, ETA_Z[i]!, snapTime(decoder)));
    for (const value of atT0) {
      expect(Math.abs(value - atT0[0]!)).toBeLessThan(1e-9);
      expect(Math.abs(value - atSnap)).toBeLessThan(1e-4);
    }
    decoders.forEach((decoder, i) => {
      expect(Math.abs(bound(decoder, ETA_Z[i]!, t) - later[i]!)).toBeLessThan(2e-3);
      expect(bound(decoder, ETA_Z[i]!, 0, 3)).toBe(0);
    });
  });
});

describe("a setting of the theory is refused", () => {
  const config = THEOREM_3[0]!;
  test.each([
    [{ etaY: 0 }, "scan-snap-theory: etaY must be above 0, got 0"],
    [{ step: -1 }, "scan-snap-theory: step must be above 0, got -1"],
    [{ classes: 1.5 }, "scan-snap-theory: classes must be a whole number of at least 1, got 1.5"],
    [{ classes: 300, distinct: 0 }, "scan-snap-theory: classes must be at most tokens, got 300 and 200"],
    [{ tokens: 20 }, "classes: 4 classes need 26 tokens, got 20; use fewer classes or more tokens"],
  ])("%o", (change, message) => {
    expect(() => expectTheory({ ...config, ...change })).toThrow(message);
  });
});

test("theory mode: the first step follows lemma 4, written out", () => {
  const data = makeClasses({ queries: 1, nextPerQuery: 2, commonWeights: [2], distinctWeights: [1, 3] });
  const step = 1e-3;
  // z stays near 0, so that F is constant and B_n and z grow as the integral of gamma, over one tiny step.
  const path = theoryMode(data, { etaY: 1, etaZ: 1, step });
  const [, next] = [path.next().value, path.next().value];
  const M = data.tokens;
  const norm = Math.hypot(2, 1, 3);
  const rho = 4 / norm ** 2; // f_0 . f_1, from the common token
  const [q1, q0] = [1 + 1 / (M - 1), -M / (M - 1) ** 2];
  const own = (q1 - rho * q0) / (1 - rho * rho); // (I + E)^-1 v by Cramer's rule
  const other = (q0 - rho * q1) / (1 - rho * rho);
  const speed = gammaIntegral({ tokens: M, classes: 2, etaY: 1 }, 1, step);
  expect(next.B[0]! / (speed * -other * rho)).toBeCloseTo(1, 5);
  const along = own + other * rho;
  for (const [l, f] of [3 / norm, 1 / norm].entries()) {
    const dz = f * (f * own - f * along);
    expect(next.z[2 - l]! / (speed * dz)).toBeCloseTo(1, 4);
  }
  const c = 2 / norm;
  expect(next.z[0]! / (speed * 2 * c * (c * (own + other) - c * along))).toBeCloseTo(1, 4);
});
