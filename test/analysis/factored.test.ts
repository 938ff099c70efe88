// Factored products against numpy (scripts/fixtures/spectra.py) and against the products multiplied out.
import { describe, expect, test } from "vitest";
import { FactoredMatrix } from "../../src/analysis/factored";
import { type Matrix, matrix, plus, product, rowOf, transposed } from "../../src/analysis/matrix";
import {
  type Complex,
  eigenvalues,
  logDeterminant,
  magnitude,
  singular,
  singularValues,
} from "../../src/analysis/spectrum";
import { rng } from "../../src/tensor/rng";
import spectra from "./fixtures/spectra.json";

/** Relative, for sums of a few hundred products. */
const BOUND = 1e-12;

const read = (m: { rows: number; columns: number; values: number[] }) => matrix(m.rows, m.columns, m.values);

describe.each(spectra.map((golden) => [golden.name, golden] as const))("%s", (name, golden) => {
  const factored = new FactoredMatrix(read(golden.left), read(golden.right));
  // A defective eigenvalue of multiplicity 4 moves by the fourth root of the rounding error, in numpy as here.
  const bound = name === "jordan" ? 2e-3 : 1e-10;

  test("eigenvalues are numpy's", () => {
    const found = factored.eigenvalues();
    expect(found).toHaveLength(golden.eigenvalues.length);
    const scale = Math.max(...golden.eigenvalues.map(([re, im]) => Math.hypot(re!, im!)));
    const left = [...found];
    for (const [re, im] of golden.eigenvalues) {
      const distances = left.map((value) => Math.hypot(value.re - re!, value.im - im!));
      const nearest = distances.indexOf(Math.min(...distances));
      expect(distances[nearest]).toBeLessThanOrEqual(bound * scale);
      left.splice(nearest, 1);
    }
  });

  test("the sum of eigenvalues is the trace (P3)", () => {
    const sum = factored.eigenvalues().reduce((total, { re }) => total + re, 0);
    const largest = Math.max(...golden.eigenvalues.map(([re, im]) => Math.hypot(re!, im!)));
    expect(Math.abs(sum - golden.trace)).toBeLessThanOrEqual(BOUND * largest * golden.eigenvalues.length);
    expect(Math.abs(factored.trace() - golden.trace)).toBeLessThanOrEqual(BOUND * golden.norm);
  });

  test("norm, total and singular values are numpy's", () => {
    expect(Math.abs(factored.norm() - golden.norm)).toBeLessThanOrEqual(BOUND * golden.norm);
    expect(Math.abs(factored.total() - golden.total)).toBeLessThanOrEqual(
      BOUND * golden.norm * factored.rows,
    );
    const found = factored.singularValues();
    expect(found).toHaveLength(golden.singularValues.length);
    for (const [i, value] of golden.singularValues.entries())
      expect(Math.abs(found[i]! - value)).toBeLessThanOrEqual(1e-10 * golden.singularValues[0]!);
  });
});

describe("a factored product is the product", () => {
  const draws = rng(3);
  const random = (rows: number, columns: number) =>
    matrix(
      rows,
      columns,
      Array.from({ length: rows * columns }, () => draws.normal()),
    );
  const [a, b, c, d] = [random(9, 3), random(3, 8), random(8, 4), random(4, 9)];
  const [ab, cd] = [new FactoredMatrix(a, b), new FactoredMatrix(c, d)];

  test("by entries, rows and as a whole", () => {
    const dense = naive(a, b);
    close(ab.dense(), dense);
    for (let i = 0; i < 9; i++) {
      expect(Array.from(ab.row(i))).toEqual(Array.from(rowOf(ab.dense(), i)));
      for (let j = 0; j < 8; j++) expect(ab.entry(i, j)).toBeCloseTo(dense.values[i * 8 + j]!, 12);
    }
  });

  test("transposed, between matrices, and times another of smaller or larger rank", () => {
    close(ab.transposed().dense(), transposed(naive(a, b)));
    const [before, after] = [random(5, 9), random(8, 6)];
    close(ab.between(before, after).dense(), naive(naive(before, naive(a, b)), after));
    close(ab.between(undefined, after).dense(), naive(naive(a, b), after));
    for (const [first, second] of [
      [ab, cd],
      [cd, ab],
    ] as const) {
      const both = first.times(second);
      expect(both.rank).toBe(3);
      close(both.dense(), naive(first.dense(), second.dense()));
    }
  });

  test("sums of matrices", () => {
    const [x, y] = [random(3, 4), random(3, 4)];
    const sum = plus(x, y, -2);
    for (const [i, value] of sum.values.entries()) expect(value).toBe(x.values[i]! - 2 * y.values[i]!);
  });
});

test("singular values alone are those with vectors, wide or tall", () => {
  for (const [rows, columns] of [
    [4, 3],
    [3, 5],
  ] as const) {
    const m = matrix(
      rows,
      columns,
      Array.from({ length: rows * columns }, (_, i) => Math.sin(i * i)),
    );
    const alone = singularValues(m);
    expect(alone.length).toBe(3);
    for (const [i, value] of singular(m).values.entries()) expect(alone[i]).toBeCloseTo(value, 12);
  }
  expect(() => singularValues(matrix(2, 0))).toThrow("must have rows and columns, got [2, 0]");
});

test.each([
  ["a triangle", [2, 0, 0, 5, 3, 0, 7, 11, 0.5], 1, Math.log(3)],
  ["one exchange of rows", [0, 2, 0, 3, 0, 0, 0, 0, 5], -1, Math.log(30)],
  ["a cycle of three rows", [0, 0, 2, 3, 0, 0, 0, 5, 0], 1, Math.log(30)],
  ["Vandermonde's of 1, 2, 4", [1, 1, 1, 1, 2, 4, 1, 4, 16], 1, Math.log(1 * 3 * 2)],
  ["a negative number", [-1, 0, 0, 0, 1, 0, 0, 0, 1], -1, 0],
  ["equal rows", [1, 2, 3, 1, 2, 3, 0, 0, 1], 0, -Infinity],
] as const)("the determinant of %s", (_, values, sign, log) => {
  const found = logDeterminant(matrix(3, 3, values));
  expect(found.sign).toBe(sign);
  if (sign === 0) expect(found.log).toBe(log);
  else expect(found.log).toBeCloseTo(log, 12);
});

test("a determinant is of a square of numbers", () => {
  expect(() => logDeterminant(matrix(2, 3))).toThrow("determinant: a matrix must be square, got [2, 3]");
  expect(() => logDeterminant(matrix(1, 1, [Number.NaN]))).toThrow("determinant: a matrix must be finite");
});

test("singular vectors make the matrix again, wide or tall", () => {
  const draws = rng(4);
  for (const [rows, columns] of [
    [7, 4],
    [4, 7],
    [3, 3],
  ] as const) {
    const m = matrix(
      rows,
      columns,
      Array.from({ length: rows * columns }, () => draws.normal()),
    );
    const { values, left, right } = singular(m);
    expect(values).toEqual([...values].sort((x, y) => y - x));
    const scaled = matrix(
      rows,
      values.length,
      left.values.map((x, at) => x * values[at % values.length]!),
    );
    close(product(scaled, transposed(right)), m);
    close(product(transposed(left), left), identity(values.length));
  }
});

test("eigenvalues come largest first, conjugates with the positive imaginary part first", () => {
  const block = matrix(3, 3, [0, -2, 0, 2, 0, 0, 0, 0, -3]);
  const found = eigenvalues(block).map(({ re, im }: Complex) => [Math.round(re), Math.round(im)]);
  expect(found.map(([re, im]) => [re! + 0, im! + 0])).toEqual([
    [-3, 0],
    [0, 2],
    [0, -2],
  ]);
  expect(magnitude({ re: 3, im: -4 })).toBe(5);
});

test("what cannot be is refused", () => {
  expect(() => matrix(2, 3, [1, 2])).toThrow("matrix: [2, 3] holds 6 values, got 2");
  expect(() => product(matrix(2, 3), matrix(2, 3))).toThrow(
    "product: inner dims must match, got [2, 3] and [2, 3]",
  );
  expect(() => plus(matrix(2, 3), matrix(3, 2))).toThrow("plus: shapes must be the same");
  expect(() => new FactoredMatrix(matrix(2, 3), matrix(2, 3))).toThrow("factored: inner dims must match");
  const wide = new FactoredMatrix(matrix(2, 1), matrix(1, 3));
  expect(() => wide.trace()).toThrow("factored: trace needs a square product, got [2, 3]");
  expect(() => wide.eigenvalues()).toThrow("factored: eigenvalues needs a square product");
  expect(() => eigenvalues(matrix(2, 3))).toThrow("eigenvalues: a matrix must be square, got [2, 3]");
  expect(() => eigenvalues(matrix(1, 1, [Number.NaN]))).toThrow("a matrix must be finite, got NaN at 0");
  expect(() => singular(matrix(0, 3))).toThrow("must have rows and columns, got [0, 3]");
});

function naive(a: Matrix, b: Matrix): Matrix {
  return matrix(
    a.rows,
    b.columns,
    Array.from({ length: a.rows * b.columns }, (_, at) => {
      const [i, j] = [Math.floor(at / b.columns), at % b.columns];
      let sum = 0;
      for (let k = 0; k < a.columns; k++) sum += a.values[i * a.columns + k]! * b.values[k * b.columns + j]!;
      return sum;
    }),
  );
}

function identity(size: number): Matrix {
  return matrix(
    size,
    size,
    Array.from({ length: size * size }, (_, at) => (at % (size + 1) === 0 ? 1 : 0)),
  );
}

function close(found: Matrix, expected: Matrix): void {
  expect([found.rows, found.columns]).toEqual([expected.rows, expected.columns]);
  const largest = Math.max(1, ...expected.values.map(Math.abs));
  const off = found.values.map((value, i) => Math.abs(value - expected.values[i]!));
  expect(Math.max(...off)).toBeLessThanOrEqual(BOUND * largest);
}
