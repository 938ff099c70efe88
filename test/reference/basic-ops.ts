// The twins of the ops that know no heads: arithmetic, activations, products, rows, tables and views.
import { philox4x32 } from "../../src/tensor/rng";
import type { Graph, Node } from "./graph";
import { type Grid, map, mapRows, product } from "./grid";

// Arithmetic

export function add(g: Graph, a: Grid, b: Grid): Grid {
  return map(a, (value, i) => g.add(value, b.data[i]!));
}

export function subtract(g: Graph, a: Grid, b: Grid): Grid {
  return map(a, (value, i) => g.sub(value, b.data[i]!));
}

export function multiply(g: Graph, a: Grid, b: Grid): Grid {
  return map(a, (value, i) => g.mul(value, b.data[i]!));
}

export function scale(g: Graph, x: Grid, factor: number): Grid {
  return map(x, (value) => g.scale(value, factor));
}

export function addTrailing(g: Graph, x: Grid, b: Grid): Grid {
  return map(x, (value, i) => g.add(value, b.data[i % b.data.length]!));
}

export function mean(g: Graph, x: Grid): Grid {
  return { shape: [], data: [g.div(g.sum(x.data), g.leaf(x.data.length))] };
}

// Activations

export const activations = {
  relu: (g: Graph, x: Node) => g.relu(x),
  gelu: (g: Graph, x: Node) => g.mul(g.scale(x, 0.5), g.add(g.leaf(1), g.erf(g.scale(x, Math.SQRT1_2)))),
  "gelu-tanh": (g: Graph, x: Node) => {
    const cube = g.mul(g.mul(x, x), x);
    const inner = g.scale(g.add(x, g.scale(cube, 0.044715)), Math.sqrt(2 / Math.PI));
    return g.mul(g.scale(x, 0.5), g.add(g.leaf(1), g.tanh(inner)));
  },
  silu: (g: Graph, x: Node) => g.div(x, g.add(g.leaf(1), g.exp(g.scale(x, -1)))),
  "square-relu": (g: Graph, x: Node) => g.mul(g.relu(x), g.relu(x)),
} as const;

// Matrix products

interface Transposes {
  readonly transposeA?: boolean;
  readonly transposeB?: boolean;
}

export function matmul(g: Graph, a: Grid, b: Grid, { transposeA, transposeB }: Transposes = {}): Grid {
  const [m, k] = lastTwo(a, transposeA);
  const [, n] = lastTwo(b, transposeB);
  const lead = a.shape.slice(0, -2);
  const data = Array.from({ length: product(lead) }, (_, i) => {
    const left = matrix(a, i, transposeA);
    const right = matrix(b, b.shape.length === 2 ? 0 : i, !transposeB);
    return left.flatMap((row) => right.map((column) => g.dot(row, column)));
  });
  return { shape: [...lead, m, n], data: k === 0 ? data.flat().map(() => g.leaf(0)) : data.flat() };
}

export function linear(g: Graph, x: Grid, weight: Grid, bias?: Grid): Grid {
  const [K, N] = weight.shape as [number, number];
  const lead = x.shape.slice(0, -1);
  const flat = matmul(g, { shape: [product(lead), K], data: x.data }, weight);
  const y = { shape: [...lead, N], data: flat.data };
  return bias ? addTrailing(g, y, bias) : y;
}

// Rows

/** Softmax; -infinity masks an element out, and a row of nothing else gives zeros. */
export function softmax(g: Graph, x: Grid): Grid {
  return mapRows(x, (row) => {
    const top = Math.max(...row.map(({ value }) => value));
    if (top === Number.NEGATIVE_INFINITY) return row.map(() => g.leaf(0));
    const exps = row.map((value) => g.exp(g.sub(value, g.leaf(top))));
    const total = g.sum(exps);
    return exps.map((value) => g.div(value, total));
  });
}

export function layernorm(g: Graph, x: Grid, gain: Grid, bias: Grid | undefined, epsilon = 1e-5): Grid {
  const centred = mapRows(x, (row) => {
    const middle = g.div(g.sum(row), g.leaf(row.length));
    return row.map((value) => g.sub(value, middle));
  });
  const y = rmsnorm(g, centred, gain, epsilon);
  return bias ? addTrailing(g, y, bias) : y;
}

export function rmsnorm(g: Graph, x: Grid, gain: Grid, epsilon = 1e-5): Grid {
  return mapRows(x, (row) => {
    const square = g.div(g.dot(row, row), g.leaf(row.length));
    const root = g.sqrt(g.add(square, g.leaf(epsilon)));
    return row.map((value, i) => g.mul(g.div(value, root), gain.data[i]!));
  });
}

export function crossEntropy(g: Graph, logits: Grid, targets: readonly number[]): Grid {
  const V = logits.shape.at(-1)!;
  const losses = targets.flatMap((target, i) => {
    if (target < 0) return [];
    const row = logits.data.slice(i * V, (i + 1) * V);
    return [g.sub(logSumExp(g, row), row[target]!)];
  });
  const total = losses.length === 0 ? g.leaf(0) : g.div(g.sum(losses), g.leaf(losses.length));
  return { shape: [], data: [total] };
}

// Tables

export function embedding(_: Graph, table: Grid, ids: readonly number[], shape: readonly number[]): Grid {
  const C = table.shape[1]!;
  return { shape: [...shape, C], data: ids.flatMap((id) => table.data.slice(id * C, (id + 1) * C)) };
}

/** Turns channels (j, j + rotary/2) of x [B, T, H, D] by the angle position * base^(-2j/rotary). */
export function rope(g: Graph, x: Grid, { rotary, offset = 0 }: { rotary: number; offset?: number }): Grid {
  const [, T, H] = x.shape as [number, number, number, number];
  return mapRows(x, (row, index) => {
    const position = offset + (Math.floor(index / H) % T);
    return row.map((value, c) => {
      if (c >= rotary) return g.scale(value, 1);
      const j = c % (rotary / 2);
      const angle = position * 10000 ** ((-2 * j) / rotary);
      const other = row[c < rotary / 2 ? c + rotary / 2 : j]!;
      const side = c < rotary / 2 ? -1 : 1;
      return g.add(g.scale(value, Math.cos(angle)), g.scale(other, side * Math.sin(angle)));
    });
  });
}

/** Element i is dropped when lane i % 4 of Philox block i / 4 is below the rate. */
export function dropout(g: Graph, x: Grid, rate: number, key: readonly [number, number]): Grid {
  return map(x, (value, i) => {
    const bits = philox4x32([Math.floor(i / 4), 0, 1, 0], key)[i % 4]! >>> 0;
    const kept = (bits >>> 8) * 2 ** -24 >= Math.fround(rate);
    return g.scale(value, kept ? 1 / (1 - Math.fround(rate)) : 0);
  });
}

// Views

export function reshape(_: Graph, x: Grid, shape: readonly number[]): Grid {
  return { shape, data: x.data };
}

export function rowsFrom(_: Graph, x: Grid, first: number, count: number): Grid {
  const C = x.shape[1]!;
  return { shape: [count, C], data: x.data.slice(first * C, (first + count) * C) };
}

export function lastToken(_: Graph, x: Grid): Grid {
  const [B, T, C] = x.shape as [number, number, number];
  const rows = Array.from({ length: B }, (_, b) => x.data.slice(((b + 1) * T - 1) * C, (b + 1) * T * C));
  return { shape: [B, C], data: rows.flat() };
}

/** log sum exp of a row. */
export function logSumExp(g: Graph, row: readonly Node[]): Node {
  const top = g.leaf(Math.max(...row.map(({ value }) => value)));
  return g.add(top, g.log(g.sum(row.map((value) => g.exp(g.sub(value, top))))));
}

function matrix(x: Grid, index: number, transposed = false): Node[][] {
  const [R, C] = lastTwo(x, false);
  const at = (r: number, c: number) => x.data[index * R * C + r * C + c]!;
  return transposed
    ? Array.from({ length: C }, (_, c) => Array.from({ length: R }, (_, r) => at(r, c)))
    : Array.from({ length: R }, (_, r) => Array.from({ length: C }, (_, c) => at(r, c)));
}

function lastTwo(x: Grid, transposed = false): [number, number] {
  const [r, c] = [x.shape.at(-2)!, x.shape.at(-1)!];
  return transposed ? [c, r] : [r, c];
}
