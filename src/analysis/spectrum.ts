// Eigenvalues and singular values of small real matrices, by the well-kept ml-matrix (Hessenberg form and shifted QR; Golub and Reinsch).
// Compare them by tolerance: their last bits are the library's.
import {
  EigenvalueDecomposition,
  LuDecomposition,
  Matrix as MlMatrix,
  SingularValueDecomposition,
} from "ml-matrix";
import { log } from "../math/log";
import { type Matrix, show } from "./matrix";

export interface Complex {
  readonly re: number;
  readonly im: number;
}

/**
 * The eigenvalues of a square matrix, largest magnitude first, conjugates with the positive imaginary part first.
 * @throws Error unless the matrix is square and finite
 */
export function eigenvalues(m: Matrix): Complex[] {
  if (m.rows !== m.columns) throw new Error(`eigenvalues: a matrix must be square, got ${show(m)}`);
  expectFinite("eigenvalues", m);
  if (m.rows === 0) return [];
  const { realEigenvalues, imaginaryEigenvalues } = new EigenvalueDecomposition(toLibrary(m));
  return realEigenvalues
    .map((re, i) => ({ re, im: imaginaryEigenvalues[i]! }))
    .sort((a, b) => magnitude(b) - magnitude(a) || b.re - a.re || b.im - a.im);
}

export interface Singular {
  /** Largest first, min(rows, columns) of them. */
  readonly values: readonly number[];
  /** [rows, count]: a column per value. */
  readonly left: Matrix;
  /** [columns, count] */
  readonly right: Matrix;
}

/**
 * m = left diag(values) right^T.
 * @throws Error unless the matrix is finite and not empty
 */
export function singular(m: Matrix): Singular {
  expectFinite("singular", m);
  if (m.values.length === 0) throw new Error(`singular: a matrix must have rows and columns, got ${show(m)}`);
  const found = new SingularValueDecomposition(toLibrary(m), { autoTranspose: true });
  const count = Math.min(m.rows, m.columns);
  return {
    values: found.diagonal.slice(0, count),
    left: fromLibrary(found.leftSingularVectors, count),
    right: fromLibrary(found.rightSingularVectors, count),
  };
}

/**
 * The singular values alone, largest first: a few times faster than with their vectors.
 * @throws Error unless the matrix is finite and not empty
 */
export function singularValues(m: Matrix): readonly number[] {
  expectFinite("singular", m);
  if (m.values.length === 0) throw new Error(`singular: a matrix must have rows and columns, got ${show(m)}`);
  const options = {
    computeLeftSingularVectors: false,
    computeRightSingularVectors: false,
    autoTranspose: true,
  };
  return new SingularValueDecomposition(toLibrary(m), options).diagonal.slice(0, Math.min(m.rows, m.columns));
}

/**
 * Sign and ln |det| of a square matrix by elimination with partial pivoting; sign 0 and -Infinity where a pivot is 0. Of a matrix that
 * is nearly singular neither is to be trusted.
 * @throws Error unless the matrix is square and finite
 */
export function logDeterminant(m: Matrix): { readonly sign: -1 | 0 | 1; readonly log: number } {
  if (m.rows !== m.columns) throw new Error(`determinant: a matrix must be square, got ${show(m)}`);
  expectFinite("determinant", m);
  const found = new LuDecomposition(toLibrary(m));
  const upper = found.upperTriangularMatrix;
  const pivots = Array.from({ length: m.rows }, (_, i) => upper.get(i, i));
  if (pivots.includes(0)) return { sign: 0, log: -Infinity };
  const negative = pivots.filter((pivot) => pivot < 0).length + swaps(found.pivotPermutationVector);
  return {
    sign: negative % 2 === 0 ? 1 : -1,
    log: pivots.reduce((sum, pivot) => sum + log(Math.abs(pivot)), 0),
  };
}

/** How many exchanges of two make this order: its length less its cycles. */
function swaps(order: readonly number[]): number {
  const seen = new Set<number>();
  const cycles = order.filter((_, start) => {
    if (seen.has(start)) return false;
    for (let at = start; !seen.has(at); at = order[at]!) seen.add(at);
    return true;
  });
  return order.length - cycles.length;
}

export function magnitude({ re, im }: Complex): number {
  return Math.sqrt(re * re + im * im);
}

function toLibrary({ rows, columns, values }: Matrix): MlMatrix {
  return MlMatrix.from1DArray(rows, columns, values);
}

function fromLibrary(m: MlMatrix, columns: number): Matrix {
  const values = new Float64Array(m.rows * columns);
  for (let i = 0; i < m.rows; i++) for (let j = 0; j < columns; j++) values[i * columns + j] = m.get(i, j);
  return { rows: m.rows, columns, values };
}

/** The library would look for convergence for ever. */
function expectFinite(place: string, { values }: Matrix): void {
  const bad = values.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) throw new Error(`${place}: a matrix must be finite, got ${values[bad]} at ${bad}`);
}
