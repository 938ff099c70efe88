// Rows of the table of ops: what logits of synthesisers and mixtures are made of.
import { queryKey, weighValues } from "../../src/ops/attention-products";
import { addSourceBias, factorLogits, mixLogits } from "../../src/ops/logits";
import { repeat, submatrix } from "../../src/ops/view";
import * as logits from "../reference/logits";
import * as twins from "../reference/ops";
import { type OpCase, row } from "./case";

const factors = (
  [
    { use: "tile-repeat, whole", map: "tile-repeat", T: 3, R: 3, A: 3, F: 2, past: 0, sources: 6 },
    { use: "tile-repeat, cut in a tile", map: "tile-repeat", T: 2, R: 2, A: 3, F: 4, past: 3, sources: 5 },
    { use: "tile-tile, beyond its period", map: "tile-tile", T: 2, R: 2, A: 2, F: 4, past: 0, sources: 7 },
    { use: "transposed", map: "transpose", T: 5, R: 5, A: 3, F: 2, past: 0, sources: 5 },
    { use: "transposed, decoding", map: "transpose", T: 2, R: 9, A: 3, F: 4, past: 5, sources: 7 },
  ] as const
).map(({ use, map, T, R, A, F, past, sources }) =>
  row(
    "factorLogits",
    use,
    { a: [2, 2, T, A], b: [2, 2, R, F] },
    ({ a, b }) => factorLogits(a, b, { map, past, sources }),
    (g, { a, b }) => logits.factorLogits(g, a, b, { map, past, sources }),
  ),
);

const mixtures = (
  [
    { use: "two members, per head", M: 2, weights: [2, 2], shapes: [2, 2] },
    { use: "a member for all sequences", M: 2, weights: [2, 2], shapes: [1, 2] },
    { use: "weights for all heads", M: 3, weights: [1, 3], shapes: [2, 1, 2] },
    { use: "members for all sequences only", M: 2, weights: [2, 2], shapes: [1, 1] },
  ] as const
).map(({ use, weights, shapes }) => {
  const members = Object.fromEntries(shapes.map((B, i) => [`m${i}`, [B, 2, 3, 5]]));
  return row(
    "mixLogits",
    use,
    { ...members, weights: [...weights] } as Record<string, readonly number[]>,
    ({ weights: alpha, ...logitsOf }) => mixLogits(Object.values(logitsOf), alpha!),
    (g, { weights: alpha, ...logitsOf }) => logits.mixLogits(g, Object.values(logitsOf), alpha!),
  );
});

export const logitCases: readonly OpCase[] = [
  ...factors,
  ...mixtures,
  row(
    "addSourceBias",
    "all sources",
    { x: [2, 3, 4, 5], bias: [3, 5] },
    ({ x, bias }) => addSourceBias(x, bias),
    (g, { x, bias }) => logits.addSourceBias(g, x, bias),
  ),
  row(
    "addSourceBias",
    "the first of more sources",
    { x: [2, 2, 3, 4], bias: [2, 7] },
    ({ x, bias }) => addSourceBias(x, bias),
    (g, { x, bias }) => logits.addSourceBias(g, x, bias),
  ),
  row(
    "addSourceBias",
    "one for all heads",
    { x: [2, 2, 3, 4], bias: [1, 5] },
    ({ x, bias }) => addSourceBias(x, bias),
    (g, { x, bias }) => logits.addSourceBias(g, x, bias),
  ),
  row(
    "submatrix",
    "of two matrices",
    { x: [2, 5, 7] },
    ({ x }) => submatrix(x, { first: 1, rows: 3, columns: 4 }),
    (g, { x }) => logits.submatrix(g, x, 1, 3, 4),
  ),
  ...[0, 1, 3].map((times) =>
    row(
      "repeat",
      `${times} times`,
      { x: [1, 2, 5] },
      ({ x }) => repeat(x, times),
      (_, { x }) => ({ shape: [times, 2, 5], data: Array.from({ length: times }, () => x.data).flat() }),
    ),
  ),
  row(
    "submatrix",
    "all of one",
    { x: [3, 4] },
    ({ x }) => submatrix(x, { rows: 3, columns: 4 }),
    (g, { x }) => logits.submatrix(g, x, 0, 3, 4),
  ),
  ...[2, 1].map((G) =>
    row(
      "queryKey",
      `keys for all sequences, 2/${G} heads`,
      { q: [3, 4, 2, 5], k: [1, 6, G, 5] },
      ({ q, k }) => queryKey(q, k, 1, 5),
      (g, { q, k }) => twins.queryKey(g, q, k, 1, 5),
    ),
  ),
  ...[
    { use: "a bias per head", G: 2, R: 2 },
    { use: "one bias for all heads", G: 2, R: 1 },
    { use: "a bias per head, one key for all", G: 1, R: 2 },
  ].map(({ use, G, R }) =>
    row(
      "queryKey",
      use,
      { q: [3, 4, 2, 5], k: [1, 6, G, 5], bias: [R, 7] },
      ({ q, k, bias }) => queryKey(q, k, 0.6, 5, bias),
      (g, { q, k, bias }) => logits.addSourceBias(g, twins.queryKey(g, q, k, 0.6, 5), bias),
    ),
  ),
  ...[2, 1].map((G) =>
    row(
      "weighValues",
      `weights for all sequences, 2/${G} heads`,
      { p: [1, 2, 4, 5], v: [3, 6, G, 3] },
      ({ p, v }) => weighValues(p, v),
      (g, { p, v }) => twins.weighValues(g, p, v),
    ),
  ),
];
