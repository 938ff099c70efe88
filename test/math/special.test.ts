// Zeros, infinities, NaN and the edges of the functions of src/math.
import { describe, expect, test } from "vitest";
import { erf } from "../../src/math/erf";
import { exp, expm1 } from "../../src/math/exp";
import { log, log1p } from "../../src/math/log";
import { pow } from "../../src/math/pow";
import { tanh } from "../../src/math/tanh";
import { cos, sin } from "../../src/math/trig";
import { exact, ulpError } from "./exact";

const nothing = [[NaN, NaN]];
const odd = [[0, 0], [-0, -0], [5e-324, 5e-324], [-5e-324, -5e-324], [1e-12, 1e-12], ...nothing];
const saturating = [[Infinity, 1], [-Infinity, -1], [20, 1], [-20, -1], [0, 0], [-0, -0], ...nothing];

test.each([
  [
    "exp",
    exp,
    [
      [0, 1],
      [-0, 1],
      [-Infinity, 0],
      [Infinity, Infinity],
      [1e300, Infinity],
      [-1e300, 0],
      [1e-300, 1],
      ...nothing,
    ],
  ],
  [
    "exp at its ends",
    exp,
    [
      [709.782712893384, 1.7976931348622732e308],
      [709.7827128933841, Infinity],
      [-745.1332191019411, 5e-324],
      [-745.1332191019412, 0],
    ],
  ],
  [
    "expm1",
    expm1,
    [
      [-Infinity, -1],
      [Infinity, Infinity],
      [-50, -1],
      [710, Infinity],
      [0, 0],
      [-0, -0],
      [5e-324, 5e-324],
      ...nothing,
    ],
  ],
  [
    "log",
    log,
    [
      [1, 0],
      [0, -Infinity],
      [-0, -Infinity],
      [-1, NaN],
      [-Infinity, NaN],
      [Infinity, Infinity],
      [2, Math.LN2],
      [5e-324, -744.4400719213812],
      ...nothing,
    ],
  ],
  [
    "log1p",
    log1p,
    [[0, 0], [-0, -0], [-1, -Infinity], [-2, NaN], [Infinity, Infinity], [5e-324, 5e-324], ...nothing],
  ],
  ["sin", sin, [...odd, [Infinity, NaN], [-Infinity, NaN], [Math.PI / 2, 1]]],
  ["cos", cos, [[0, 1], [-0, 1], [Infinity, NaN], [Math.PI, -1], ...nothing]],
  ["tanh", tanh, [...saturating, ...odd]],
  ["erf", erf, [...saturating, [6, 1], [-5.95, -1], [0.5, 0.5204998778130465]]],
] as const)("%s", (_, ours, cases) => {
  for (const [x, y] of cases) expect(ours(x!), `at ${x}`).toBe(y);
});

test("exp and pow are right where their results are subnormal", () => {
  // One rounding more than elsewhere.
  for (let i = 0; i < 100; i++) {
    const x = -708.4 - i * 0.367;
    expect(ulpError(exp(x), exact.exp(x)), `exp ${x}`).toBeLessThan(1.35);
    expect(ulpError(pow(3, x / 1.1), exact.pow(3, x / 1.1)), `pow ${x}`).toBeLessThan(1.45);
  }
});

describe("pow", () => {
  test("has the special cases of **", () => {
    const values = [
      0,
      -0,
      1,
      -1,
      2,
      -2,
      0.5,
      -0.5,
      3,
      -3,
      2.5,
      Infinity,
      -Infinity,
      NaN,
      2 ** 53,
      1e300,
      -1e300,
      5e-324,
    ];
    for (const x of values) {
      for (const y of values) {
        const theirs = x ** y;
        // Hosts differ in the last place elsewhere, Node from Chromium as well.
        const special = !Number.isFinite(theirs) || (Number.isInteger(theirs) && Math.abs(theirs) <= 2 ** 53);
        if (special) expect(pow(x, y), `${x} ** ${y}`).toBe(theirs);
        else expect(Math.abs(pow(x, y) / theirs - 1), `${x} ** ${y}`).toBeLessThan(2 ** -51);
      }
    }
  });
});

test("angles that cannot be reduced are refused", () => {
  expect(() => sin(1_000_001)).toThrow("sin: an angle must be within +-1000000 radians, got 1000001");
  expect(() => cos(-1e9)).toThrow("cos: an angle must be within +-1000000 radians, got -1000000000");
});
