// The gradients of the one-layer model: against central differences, and against the equations with all their Jacobians.
import { expect, test } from "vitest";
import { contextGradient, zeroLayer } from "../../../src/experiments/scan-snap/one-layer";
import { rng } from "../../../src/tensor/rng";
import { ascent, forward, type Matrix } from "../../reference/scan-snap";

const M = 12;
/** 40 context tokens over these types, once so many that rows are left over after every four. */
const CASES = [
  { support: [0, 2, 3, 5, 6, 8, 9], counts: [11, 3, 1, 9, 7, 0, 9] },
  { support: [1, 4, 7, 10], counts: [1, 13, 20, 6] },
  { support: [11], counts: [40] },
];
const H = 1e-6;

test.each(CASES)("gradients for counts $counts on $support", ({ support, counts }) => {
  const draws = rng(4);
  const model = zeroLayer(M);
  for (const matrix of [model.Y, model.Z]) matrix.set(matrix.map(() => draws.normal()));
  const gradient = zeroLayer(M);
  const context = {
    support: Int32Array.from(support),
    probabilities: Float64Array.from(counts),
    query: 3,
    label: 7,
  };
  const loss = contextGradient(model, gradient, support.length)(context, counts, 0.5);

  const dense = Array.from({ length: M }, (_, l) => counts[support.indexOf(l)] ?? 0);
  const one = { counts: dense, query: 3, label: 7 };
  const [Y, Z] = [rows(model.Y), rows(model.Z)];
  const exact = ascent(Y, Z, one);
  expect(Math.abs(loss - exact.loss)).toBeLessThan(1e-13);
  for (let l = 0; l < M; l++) {
    for (let j = 0; j < M; j++) {
      expect(Math.abs(gradient.Y[l * M + j]! - 0.5 * exact.dY[l]![j]!)).toBeLessThan(1e-14);
      const dZ = l === 3 ? exact.dz[j]! : 0;
      expect(Math.abs(gradient.Z[l * M + j]! - 0.5 * dZ)).toBeLessThan(1e-14);
      expect(Math.abs(gradient.Y[l * M + j]! + 0.5 * slope(Y, l, j))).toBeLessThan(1e-7);
      expect(Math.abs(gradient.Z[l * M + j]! + 0.5 * slope(Z, l, j))).toBeLessThan(1e-7);
    }
  }

  function slope(matrix: Matrix, l: number, j: number): number {
    const value = matrix[l]![j]!;
    matrix[l]![j] = value + H;
    const above = forward(Y, Z, one).loss;
    matrix[l]![j] = value - H;
    const below = forward(Y, Z, one).loss;
    matrix[l]![j] = value;
    return (above - below) / (2 * H);
  }
});

test("gradients of several contexts add up", () => {
  const model = zeroLayer(M);
  const draws = rng(5);
  for (const matrix of [model.Y, model.Z]) matrix.set(matrix.map(() => draws.normal()));
  const both = zeroLayer(M);
  const add = contextGradient(model, both, 7);
  const parts = CASES.slice(0, 2).map(({ support, counts }) => {
    const context = {
      support: Int32Array.from(support),
      probabilities: new Float64Array(),
      query: 2,
      label: 9,
    };
    add(context, counts, 0.25);
    const alone = zeroLayer(M);
    contextGradient(model, alone, support.length)(context, counts, 0.25);
    return alone;
  });
  expect(both.Y).toEqual(parts[0]!.Y.map((value, i) => value + parts[1]!.Y[i]!));
  expect(both.Z).toEqual(parts[0]!.Z.map((value, i) => value + parts[1]!.Z[i]!));
});

test("a loss near zero is the share of the others, not what float64 leaves of 1 - alpha", () => {
  const model = zeroLayer(3);
  model.Y[2] = 60;
  const context = { support: Int32Array.of(0), probabilities: Float64Array.of(1), query: 1, label: 2 };
  const gradient = zeroLayer(3);
  const loss = contextGradient(model, gradient, 1)(context, [5], 1);
  const share = 2 * Math.exp(-60);
  expect(Math.abs(loss / share - 1)).toBeLessThan(1e-12);
  expect(Math.abs(gradient.Y[2]! / share - 1)).toBeLessThan(1e-12);
});

function rows(matrix: Float64Array): Matrix {
  return Array.from({ length: M }, (_, row) => Array.from(matrix.subarray(row * M, (row + 1) * M)));
}
