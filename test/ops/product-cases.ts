// Rows of the table of ops: matrix products and attention.
import { attention } from "../../src/ops/attention";
import { queryKey, weighValues } from "../../src/ops/attention-products";
import { linear, type MatmulOptions, matmul } from "../../src/ops/matmul";
import type { Shape } from "../../src/tensor/shape";
import * as twins from "../reference/ops";
import { optionsOf, termCases } from "./attention-terms";
import { type OpCase, row } from "./case";

const products = (
  [
    ["plain", [3, 5], [5, 4], {}],
    ["vectors", [1, 9], [9, 1], {}],
    ["no inner elements", [3, 0], [0, 2], {}],
    ["no rows", [0, 3], [3, 2], {}],
    ["transposed a", [5, 3], [5, 4], { transposeA: true }],
    ["transposed b", [3, 5], [4, 5], { transposeB: true }],
    ["both transposed", [5, 3], [4, 5], { transposeA: true, transposeB: true }],
    ["larger than a register tile", [17, 13], [13, 11], {}],
    ["one b for all", [2, 3, 5], [5, 4], {}],
    ["one transposed b for all", [2, 3, 5], [4, 5], { transposeB: true }],
    ["one b for all transposed a", [2, 5, 3], [5, 4], { transposeA: true }],
    ["one transposed b for all transposed a", [2, 5, 3], [4, 5], { transposeA: true, transposeB: true }],
    ["one b for no a", [0, 5, 3], [5, 4], { transposeA: true }],
    ["batches", [2, 3, 4, 5], [2, 3, 5, 2], {}],
    ["batches of transposed a", [2, 5, 4], [2, 5, 2], { transposeA: true }],
    ["batches of transposed b", [3, 4, 5], [3, 2, 5], { transposeB: true }],
    ["batches, both transposed", [2, 5, 4], [2, 2, 5], { transposeA: true, transposeB: true }],
  ] satisfies [string, Shape, Shape, MatmulOptions][]
).map(([use, a, b, options]) =>
  row(
    "matmul",
    use,
    { a, b },
    (x) => matmul(x.a, x.b, options),
    (g, x) => twins.matmul(g, x.a, x.b, options),
  ),
);

const attentions = [
  { T: 5, S: 5, H: 2, G: 2, D: 4, causal: true },
  { T: 5, S: 5, H: 2, G: 2, D: 4, causal: false },
  { T: 3, S: 7, H: 4, G: 2, D: 5, causal: true },
  { T: 7, S: 3, H: 2, G: 1, D: 3, causal: true },
  { T: 1, S: 1, H: 1, G: 1, D: 1, causal: true },
  { T: 19, S: 19, H: 1, G: 1, D: 9, causal: true },
  { T: 4, S: 6, H: 3, G: 1, D: 2, causal: false, rows: 9 },
  { T: 2, S: 5, H: 2, G: 2, D: 4, causal: true, rows: 8 },
].flatMap(({ T, S, H, G, D, causal, rows = S }) => {
  const label = `${T} x ${S}${rows > S ? ` of ${rows}` : ""}, ${H}/${G} heads of ${D}${causal ? ", causal" : ""}`;
  const [q, k] = [
    [2, T, H, D],
    [2, rows, G, D],
  ];
  const options = { scale: 0.6, causal, sources: S };
  return [
    row(
      "attention",
      label,
      { q, k, v: k },
      (x) => attention(x.q, x.k, x.v, options).mixed,
      (g, x) => twins.attention(g, [x.q, x.k, x.v], options),
    ),
    ...(causal
      ? []
      : [
          row(
            "queryKey",
            label,
            { q, k },
            (x) => queryKey(x.q, x.k, 0.6, S),
            (g, x) => twins.queryKey(g, x.q, x.k, 0.6, S),
          ),
        ]),
    row(
      "weighValues",
      label,
      { p: [2, H, T, S], v: k },
      (x) => weighValues(x.p, x.v),
      (g, x) => twins.weighValues(g, x.p, x.v),
    ),
  ];
});

const terms = termCases.map((terms) => {
  const { B, T, S, H, G, D, R, what } = terms;
  const k = [B, S, G, D];
  return row(
    "attention",
    what,
    { q: [B, T, H, D], k, v: k, ...(R !== undefined && { table: [H, R] }) },
    (x) => attention(x.q, x.k, x.v, optionsOf(terms, 0.6, x.table)).mixed,
    (g, x) => twins.attention(g, [x.q, x.k, x.v, x.table], { ...terms, scale: 0.6 }),
  );
});

export const productCases: readonly OpCase[] = [
  ...products,
  ...attentions,
  ...terms,
  row(
    "linear",
    "with bias",
    { x: [2, 3, 5], weight: [5, 4], bias: [4] },
    (x) => linear(x.x, x.weight, x.bias),
    (g, x) => twins.linear(g, x.x, x.weight, x.bias),
  ),
  row(
    "linear",
    "without bias",
    { x: [7, 5], weight: [5, 9] },
    (x) => linear(x.x, x.weight),
    (g, x) => twins.linear(g, x.x, x.weight),
  ),
];
