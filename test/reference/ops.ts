// The twins of src/ops: each op as plain loops over single numbers that know their gradient.
import { philox4x32 } from "../../src/tensor/rng";
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

// Attention

/** scale q kᵀ: q [B, T, H, D], k [B or 1, R, G, D] of which the first `sources` rows count; logits [B, H, T, S]. */
export function queryKey(g: Graph, q: Grid, k: Grid, factor: number, sources = k.shape[1]!): Grid {
  const [B, T, H] = q.shape as [number, number, number];
  const data: Node[] = [];
  for (let b = 0; b < B; b++)
    for (let h = 0; h < H; h++)
      for (let t = 0; t < T; t++)
        for (let s = 0; s < sources; s++) {
          data.push(g.scale(g.dot(head(q, b, t, h), head(k, b % k.shape[0]!, s, keyHead(q, k, h))), factor));
        }
  return { shape: [B, H, T, sources], data };
}

/** P v: weights p [B or 1, H, T, S], v [B, >=S, G, D]; gives [B, T, H, D]. */
export function weighValues(g: Graph, p: Grid, v: Grid): Grid {
  const [, H, T, S] = p.shape as [number, number, number, number];
  const [B, , , D] = v.shape as [number, number, number, number];
  const y = { shape: [B, T, H, D], data: [] };
  const data: Node[] = [];
  for (let b = 0; b < B; b++)
    for (let t = 0; t < T; t++)
      for (let h = 0; h < H; h++) {
        const row = ((b % p.shape[0]!) * H + h) * T + t;
        const weights = p.data.slice(row * S, (row + 1) * S);
        const rows = weights.map((_, s) => head(v, b, s, keyHead(y, v, h)));
        for (let d = 0; d < D; d++) {
          data.push(
            g.dot(
              weights,
              rows.map((row) => row[d]!),
            ),
          );
        }
      }
  return { shape: y.shape, data };
}

/** Logits [B, H, T, S] with -infinity where `allowed` says no; token t stands at S - T + t. */
export function masked(g: Graph, logits: Grid, allowed: (query: number, source: number) => boolean): Grid {
  const [, , T, S] = logits.shape as [number, number, number, number];
  return map(logits, (value, i) =>
    allowed(S - T + (Math.floor(i / S) % T), i % S) ? value : g.leaf(Number.NEGATIVE_INFINITY),
  );
}

/** What fused attention adds to scale and mask; each as in src/ops/attention-terms.ts, tables and factors as numbers. */
export interface Terms {
  readonly rowScale?: ArrayLike<number> | undefined;
  readonly zero?: number | undefined;
  readonly keyLengths?: readonly number[] | undefined;
  readonly keyMask?: ArrayLike<number> | undefined;
  readonly before?: number | undefined;
  readonly after?: number | undefined;
}

export function attention(
  g: Graph,
  [q, k, v, table]: readonly [Grid, Grid, Grid, Grid?],
  options: { scale: number; causal: boolean; sources?: number } & Terms,
): Grid {
  const visible = () => {
    const logits = queryKey(g, q, k, options.scale, options.sources);
    return withTerms(g, logits, table, options);
  };
  return weighValues(g, softmaxTwice(g, visible(), visible()), v);
}

/** Logits [B, H, T, S] times factors per row, plus a bias by distance, -infinity where a source is not seen. */
export function withTerms(
  g: Graph,
  logits: Grid,
  table: Grid | undefined,
  {
    causal,
    rowScale,
    zero = 0,
    keyLengths,
    keyMask,
    before = Infinity,
    after = Infinity,
  }: { causal: boolean } & Terms,
): Grid {
  const [, H, T, S] = logits.shape as [number, number, number, number];
  return map(logits, (value, index) => {
    const [b, h, t, j] = [index / (H * T * S), (index / (T * S)) % H, (index / S) % T, index % S].map(
      Math.floor,
    ) as [number, number, number, number]; // of four
    const distance = j - (t + S - T);
    const seen =
      distance <= (causal ? 0 : after) &&
      distance >= -before &&
      j < (keyLengths?.[b] ?? S) &&
      keyMask?.[b * S + j] !== 0;
    if (!seen) return g.leaf(Number.NEGATIVE_INFINITY);
    const scaled = rowScale ? g.scale(value, rowScale[rowScale.length > T ? b * T + t : t]!) : value;
    if (!table) return scaled;
    const R = table.shape[1]!;
    return g.add(scaled, table.data[h * R + Math.min(Math.max(distance + zero, 0), R - 1)]!);
  });
}

/**
 * Softmax as exp(logit - log-sum-exp), with logits that are made a second time, as fused attention does for weights and gradients:
 * where steps are rounded, these are not quite the logits in the log-sum-exp.
 */
export function softmaxTwice(g: Graph, x: Grid, again: Grid): Grid {
  return mapRows(x, (row, index) => {
    if (row.every(({ value }) => value === Number.NEGATIVE_INFINITY)) return row.map(() => g.leaf(0));
    const lse = logSumExp(g, row);
    return row.map((_, i) => g.exp(g.sub(again.data[index * row.length + i]!, lse)));
  });
}

function logSumExp(g: Graph, row: readonly Node[]): Node {
  const top = g.leaf(Math.max(...row.map(({ value }) => value)));
  return g.add(top, g.log(g.sum(row.map((value) => g.exp(g.sub(value, top))))));
}

function head(x: Grid, b: number, t: number, h: number): readonly Node[] {
  const [, T, H, D] = x.shape as [number, number, number, number];
  const start = ((b * T + t) * H + h) * D;
  return x.data.slice(start, start + D);
}

function keyHead(q: { readonly shape: readonly number[] }, k: Grid, h: number): number {
  return Math.floor(h / (q.shape[2]! / k.shape[2]!));
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

function product(dims: readonly number[]): number {
  return dims.reduce((size, dim) => size * dim, 1);
}

// Heads

/** Head h of x [B, H, ...]. */
export function headOf(_: Graph, x: Grid, head: number): Grid {
  const [B, H, ...rest] = x.shape as [number, number, ...number[]];
  const step = product(rest);
  const data = Array.from({ length: B }, (_, b) =>
    x.data.slice((b * H + head) * step, (b * H + head + 1) * step),
  );
  return { shape: [B, ...rest], data: data.flat() };
}

/** x [B, H, ...] with y in place of head h. */
export function withHead(_: Graph, x: Grid, head: number, y: Grid): Grid {
  const [, H, ...rest] = x.shape as [number, number, ...number[]];
  const step = product(rest);
  const own = (i: number) => Math.floor(i / step) % H === head;
  return map(x, (value, i) => (own(i) ? y.data[Math.floor(i / (H * step)) * step + (i % step)]! : value));
}

/** mixed [B, T, H, D] by rows hD..hD+D-1 of the weight [H D, C] for each head h. */
export function headOutputs(g: Graph, mixed: Grid, weight: Grid): Grid {
  const [B, T, H, D] = mixed.shape as [number, number, number, number];
  const C = weight.shape[1]!;
  const data = Array.from({ length: B * T * H * C }, (_, i) => {
    const [row, c] = [Math.floor(i / C), i % C];
    const column = Array.from({ length: D }, (_, d) => weight.data[((row % H) * D + d) * C + c]!);
    return g.dot(mixed.data.slice(row * D, (row + 1) * D), column);
  });
  return { shape: [B, T, H, C], data };
}
