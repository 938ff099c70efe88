// Rows of the table of ops: normalisers of attention rows, smeared keys, curves of the distance, linear attention.

import { multiply } from "../../src/ops/arithmetic";
import { gainRow, kerpleLog, kerplePower } from "../../src/ops/kerple";
import { linearAttention, linearAttentionState } from "../../src/ops/linear-attention";
import { exp, expL2, share } from "../../src/ops/row-norms";
import { smear } from "../../src/ops/smear";
import type { Graph, Node } from "../reference/graph";
import { type Grid, map, mapRows, multiply as twinMultiply } from "../reference/ops";
import { type OpCase, row } from "./case";

const SHAPES = [
  [1, 1],
  [3, 4],
  [2, 3, 19],
];
const DISTANCES = Float64Array.of(-3, 0, 1, 2.5, 40);

const normalisers = SHAPES.flatMap((shape) => [
  row(
    "exp",
    `[${shape}]`,
    { x: shape },
    ({ x }) => exp(x),
    (g, { x }) => map(x, (value) => g.exp(value)),
  ),
  row(
    "expL2",
    `[${shape}]`,
    { x: shape },
    ({ x }) => expL2(x),
    (g, { x }) =>
      mapRows(x, (values) => {
        const top = g.leaf(Math.max(...values.map(({ value }) => value)));
        const exps = values.map((value) => g.exp(g.sub(value, top)));
        const root = g.sqrt(g.dot(exps, exps));
        return exps.map((value) => g.div(value, root));
      }),
  ),
  // Squares, because shares are taken of numbers that are not negative.
  row(
    "share",
    `[${shape}]`,
    { x: shape },
    ({ x }) => share(multiply(x, x), 0.125),
    (g, { x }) =>
      mapRows(twinMultiply(g, x, x), (values) => {
        const total = g.add(g.sum(values), g.leaf(0.125));
        return values.map((value) => g.div(value, total));
      }),
  ),
]);

const sigmoid = (g: Graph, x: Node) => g.div(g.leaf(1), g.add(g.leaf(1), g.exp(g.scale(x, -1))));

/** [H, R] of a number per head and distance. */
function table(H: number, of: (head: number, distance: number) => Node): Grid {
  const data = [...Array(H).keys()].flatMap((head) =>
    Array.from(DISTANCES, (distance) => of(head, distance)),
  );
  return { shape: [H, DISTANCES.length], data };
}

const curves = [
  row(
    "gainRow",
    "three heads",
    { gains: [3] },
    ({ gains }) => gainRow(gains, DISTANCES),
    (g, { gains }) => table(3, (head, distance) => g.scale(gains.data[head]!, distance)),
  ),
  row(
    "kerpleLog",
    "three heads",
    { a: [3], b: [3] },
    ({ a, b }) => kerpleLog(a, b, DISTANCES),
    (g, { a, b }) =>
      table(3, (head, distance) => {
        const rate = g.scale(g.exp(b.data[head]!), Math.abs(distance));
        return g.scale(g.mul(g.exp(a.data[head]!), g.log(g.add(g.leaf(1), rate))), -1);
      }),
  ),
  row(
    "kerplePower",
    "three heads",
    { a: [3], b: [3] },
    ({ a, b }) => kerplePower(a, b, DISTANCES),
    (g, { a, b }) =>
      table(3, (head, distance) => {
        if (distance === 0) return g.leaf(0);
        const power = g.scale(sigmoid(g, b.data[head]!), 2 * Math.log(Math.abs(distance)));
        return g.scale(g.mul(g.exp(a.data[head]!), g.exp(power)), -1);
      }),
  ),
];

const smears = [1, 5].map((S) =>
  row(
    "smear",
    `${S} tokens`,
    { x: [2, S, 3, 5], alpha: [3] },
    ({ x, alpha }) => smear(x, alpha),
    (g, { x, alpha }) =>
      map(x, (value, i) => {
        if (Math.floor(i / 15) % S === 0) return g.scale(value, 1);
        const gate = sigmoid(g, alpha.data[Math.floor(i / 5) % 3]!);
        return g.add(g.mul(gate, value), g.mul(g.sub(g.leaf(1), gate), x.data[i - 15]!));
      }),
  ),
);

const linear = [
  { use: "causal", causal: true, G: 2, D: 3 },
  { use: "causal, heads share a key", causal: true, G: 1, D: 9 },
  { use: "of all", causal: false, G: 2, D: 4 },
  { use: "of all, from an empty state", causal: false, G: 1, D: 5, state: true },
].map(({ use, causal, G, D, state }) =>
  row(
    "linearAttention",
    use,
    { q: [2, 4, 2, D], k: [2, 4, G, D], v: [2, 4, G, D] },
    // Exponentials, because features are positive.
    ({ q, k, v }) =>
      linearAttention(exp(q), exp(k), v, { causal, ...(state && { state: linearAttentionState(2, 2, D) }) }),
    (g, { q, k, v }) => {
      const [a, b] = [q, k].map((x) => map(x, (value) => g.exp(value))) as [Grid, Grid];
      return runningSums(g, a, b, v, causal);
    },
  ),
);

/** q S / q z with S the sum of k vᵀ and z that of k, up to each token or of all. */
function runningSums(g: Graph, q: Grid, k: Grid, v: Grid, causal: boolean): Grid {
  const [, T, H, D] = q.shape as [number, number, number, number];
  const G = k.shape[2]!;
  const data = q.data.map((_, i) => {
    const [b, t, h, e] = [
      Math.floor(i / (T * H * D)),
      Math.floor(i / (H * D)) % T,
      Math.floor(i / D) % H,
      i % D,
    ];
    const query = q.data.slice(i - e, i - e + D);
    const rows = [...Array(causal ? t + 1 : T).keys()].map(
      (s) => ((b * T + s) * G + Math.floor(h / (H / G))) * D,
    );
    const sum = (d: number, weight: (row: number) => Node | undefined) =>
      g.sum(
        rows.map((row) => {
          const w = weight(row);
          const key = k.data[row + d]!;
          return w ? g.mul(key, w) : key;
        }),
      );
    const S = query.map((_, d) => sum(d, (row) => v.data[row + e]!));
    const z = query.map((_, d) => sum(d, () => undefined));
    return g.div(g.dot(query, S), g.dot(query, z));
  });
  return { shape: q.shape, data };
}

export const mixingCases: readonly OpCase[] = [...normalisers, ...curves, ...smears, ...linear];
