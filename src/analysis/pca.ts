// Principal components: the few directions in which points differ most.
import { type Matrix, matrix, product, rowOf, show } from "./matrix";
import { singular } from "./spectrum";

export interface PrincipalComponents {
  /** [dims] */
  readonly mean: Float64Array;
  /** [dims, count]: orthonormal columns, those of largest variance first. */
  readonly directions: Matrix;
  /** [points, count]: each point minus the mean, along the directions. */
  readonly coordinates: Matrix;
  /** The share of the variance along each direction. */
  readonly shares: readonly number[];
}

/**
 * The first components of points [points, dims], by the singular values of the centred points. The sign of a direction is a choice: here
 * its largest entry is positive.
 *
 * @throws Error unless there are two points, and as many components as points and dims allow
 */
export function principalComponents(points: Matrix, count: number): PrincipalComponents {
  const most = Math.min(points.rows, points.columns);
  if (!(points.rows >= 2 && Number.isInteger(count) && count >= 1 && count <= most)) {
    throw new Error(
      `principalComponents: at least two points and 1..${most} components are needed, got ${show(points)} and ${count}`,
    );
  }
  const mean = new Float64Array(points.columns);
  for (let i = 0; i < points.rows; i++)
    for (const [j, value] of rowOf(points, i).entries()) mean[j]! += value / points.rows;
  const centred = matrix(
    points.rows,
    points.columns,
    points.values.map((value, at) => value - mean[at % points.columns]!),
  );
  const { values, right } = singular(centred);
  const variance = values.reduce((sum, value) => sum + value * value, 0);
  const signs = Array.from({ length: count }, (_, k) => signOfLargest(right, k));
  const directions = matrix(points.columns, count);
  for (let j = 0; j < points.columns; j++)
    for (let k = 0; k < count; k++)
      directions.values[j * count + k] = signs[k]! * right.values[j * right.columns + k]!;
  return {
    mean,
    directions,
    coordinates: product(centred, directions),
    shares: values.slice(0, count).map((value) => (variance > 0 ? (value * value) / variance : 0)),
  };
}

function signOfLargest({ rows, columns, values }: Matrix, column: number): number {
  let largest = 0;
  for (let i = 0; i < rows; i++) {
    const value = values[i * columns + column]!;
    if (Math.abs(value) > Math.abs(largest)) largest = value;
  }
  return largest < 0 ? -1 : 1;
}
