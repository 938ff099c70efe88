// The roundings that bounds are made of: between neighbours, without a mean, the same for the same number, root 2 of rounding to nearest.
import { expect, test } from "vitest";
import { noise } from "../assembly/battery";
import { Graph } from "./graph";
import { stochastic } from "./rounding";

const SEEDS = Array.from({ length: 2000 }, (_, seed) => stochastic(seed));
/** Not float32 numbers; the last is smaller than any normal one. */
const NUMBERS = [1 / 3, -1e-9 / 7, 1234.56789, Math.PI, 1 + 2 ** -26, 2 ** -130 / 3];

/** Float32 spacing at x. */
function unit(x: number): number {
  return Math.max(2 ** (Math.floor(Math.log2(Math.abs(x))) - 23), 2 ** -149);
}

test.each(NUMBERS)("%d: one of its neighbours, with mean error 0", (x) => {
  const errors = SEEDS.map((round) => (round(x, 0) - x) / unit(x));
  const values = new Set(SEEDS.map((round) => round(x, 0)));
  expect([...values].every((value) => Math.fround(value) === value)).toBe(true);
  expect(values.size).toBeLessThanOrEqual(2);
  expect(Math.max(...errors.map(Math.abs))).toBeLessThan(1);
  // The mean of n draws with deviation at most 1/2 is within 4 / (2 root n).
  const mean = errors.reduce((sum, error) => sum + error, 0) / errors.length;
  expect(Math.abs(mean)).toBeLessThan(2 / Math.sqrt(errors.length));
});

test.each([0, 1, -0.375, 2 ** 100, Infinity, -Infinity])("%d is a float32 number and stays", (x) => {
  for (const round of SEEDS.slice(0, 20)) expect(round(x, 0)).toBe(x);
  expect(SEEDS[0]!(Number.NaN, 0)).toBeNaN();
});

test("errors are root 2 times as large as those of rounding to nearest, in the mean square", () => {
  const [round] = SEEDS;
  const products = Array.from(noise(20_000, 3), (x, i) => x * (1 + i / 7));
  const square = (f: (x: number) => number) =>
    products.reduce((sum, x) => sum + ((f(x) - x) / unit(x)) ** 2, 0) / products.length;
  expect(square(Math.fround)).toBeCloseTo(1 / 12, 2);
  expect(square((x) => round!(x, 0))).toBeCloseTo(1 / 6, 2);
});

test("a number comes out the same whenever it is computed, and anew in another loop or another run", () => {
  const [a, b] = SEEDS.slice(7) as [(typeof SEEDS)[0], (typeof SEEDS)[0]];
  const numbers = Array.from({ length: 200 }, (_, i) => Math.sqrt(i + 2));
  const rounded = (round: typeof a, computation = 0) => numbers.map((x) => round(x, computation));
  expect(rounded(a)).toEqual(rounded(a));
  const same = (other: readonly number[]) => rounded(a).filter((value, i) => value === other[i]).length;
  // Half of them or more, not all: those that are near a float32 number mostly go there.
  for (const other of [rounded(b), rounded(a, 1)]) {
    expect(same(other)).toBeGreaterThan(80);
    expect(same(other)).toBeLessThan(180);
  }
});

test("a graph rounds what is made elsewhere by draws of its own, and returns to those it had", () => {
  const values = (g: Graph) => Array.from({ length: 64 }, (_, i) => g.div(g.leaf(1), g.leaf(i + 3)).value);
  const g = new Graph(SEEDS[0]!);
  const first = values(g);
  expect(g.elsewhere(() => values(g))).not.toEqual(first);
  expect(values(g)).toEqual(first);
});
