// The arrays of the specification: shapes over single numbers that know their gradient.
import type { Graph, Node } from "./graph";

/** Row-major values. */
export interface Grid {
  readonly shape: readonly number[];
  readonly data: readonly Node[];
}

export function grid(g: Graph, values: ArrayLike<number>, shape: readonly number[]): Grid {
  return { shape, data: Array.from(values, (value) => g.leaf(value)) };
}

export function valuesOf(x: Grid): number[] {
  return x.data.map(({ value }) => value);
}

export function gradientOf(x: Grid): number[] {
  return x.data.map(({ grad }) => grad);
}

export function map(x: Grid, f: (value: Node, index: number) => Node): Grid {
  return { shape: x.shape, data: x.data.map(f) };
}

/** f over the last axis. */
export function mapRows(x: Grid, f: (row: readonly Node[], index: number) => readonly Node[]): Grid {
  const C = x.shape.at(-1)!;
  const count = product(x.shape.slice(0, -1));
  const rows = Array.from({ length: count }, (_, i) => f(x.data.slice(i * C, (i + 1) * C), i));
  return { shape: x.shape, data: rows.flat() };
}

export function product(dims: readonly number[]): number {
  return dims.reduce((size, dim) => size * dim, 1);
}
