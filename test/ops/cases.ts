// One row per op and way of use: shapes of the inputs, the op, its float64 twin. gradients.test.ts runs them all.
import { activations } from "../../src/ops/activation";
import { add, addTrailing, mean, multiply, scale, subtract } from "../../src/ops/arithmetic";
import { crossEntropy } from "../../src/ops/crossentropy";
import { embedding } from "../../src/ops/embedding";
import { layernorm, rmsnorm } from "../../src/ops/norm";
import { dropout } from "../../src/ops/random";
import { rope } from "../../src/ops/rope";
import { softmax } from "../../src/ops/softmax";
import { lastToken, reshape, rowsFrom } from "../../src/ops/view";
import { rng } from "../../src/tensor/rng";
import { ids, tensor } from "../../src/tensor/tensor";
import * as twins from "../reference/ops";
import { broadcastCases } from "./broadcast-cases";
import { type OpCase, row } from "./case";
import { headCases } from "./head-cases";
import { logitCases } from "./logit-cases";
import { mixingCases } from "./mixing-cases";
import { productCases } from "./product-cases";

const binary = (
  [
    ["add", add, twins.add],
    ["subtract", subtract, twins.subtract],
    ["multiply", multiply, twins.multiply],
  ] as const
).flatMap(([name, op, twin]) =>
  [[3, 5], [2, 3, 7], [1], [0, 4]].map((shape) =>
    row(
      name,
      `[${shape}]`,
      { a: shape, b: shape },
      ({ a, b }) => op(a, b),
      (g, { a, b }) => twin(g, a, b),
    ),
  ),
);

const rowwise = [
  [1, 1],
  [3, 4],
  [2, 3, 19],
].flatMap((shape) => {
  const gain = [shape.at(-1)!];
  const label = `[${shape}]`;
  return [
    row(
      "softmax",
      label,
      { x: shape },
      ({ x }) => softmax(x),
      (g, { x }) => twins.softmax(g, x),
    ),
    // One column has no spread: its gradient is nothing but rounding, so layernorm starts at two.
    ...(gain[0] === 1
      ? []
      : [
          row(
            "layernorm",
            label,
            { x: shape, gain, bias: gain },
            ({ x, gain, bias }) => layernorm(x, gain, bias),
            (g, { x, gain, bias }) => twins.layernorm(g, x, gain, bias),
          ),
          row(
            "layernorm",
            `${label} without bias`,
            { x: shape, gain },
            ({ x, gain }) => layernorm(x, gain, undefined, 1e-3),
            (g, { x, gain }) => twins.layernorm(g, x, gain, undefined, 1e-3),
          ),
        ]),
    row(
      "rmsnorm",
      label,
      { x: shape, gain },
      ({ x, gain }) => rmsnorm(x, gain, 1e-3),
      (g, { x, gain }) => twins.rmsnorm(g, x, gain, 1e-3),
    ),
  ];
});

const targets = [4, 0, -1, 2, 6, 6];
const none = [-1, -1, -1, -1, -1, -1];
const tokens = [3, 0, 3, 4, 0, 3];

const rotations = [
  { D: 6, rotary: 6, offset: 0 },
  { D: 7, rotary: 4, offset: 3 },
  { D: 16, rotary: 16, offset: 1 },
].map(({ D, rotary, offset }) =>
  row(
    "rope",
    `${rotary} of ${D} channels from position ${offset}`,
    { x: [2, 3, 2, D] },
    ({ x }) => rope(x, rotaryTables(8, rotary), offset),
    (g, { x }) => twins.rope(g, x, { rotary, offset }),
  ),
);

const pointwise = (
  [
    ["relu", "relu"],
    ["gelu", "gelu"],
    ["geluTanh", "gelu-tanh"],
    ["silu", "silu"],
    ["squareRelu", "square-relu"],
  ] as const
).map(([op, name]) =>
  row(
    op,
    "[3,7]",
    { x: [3, 7] },
    ({ x }) => activations[name](x),
    (g, { x }) => twins.map(x, (value) => twins.activations[name](g, value)),
  ),
);

export const cases: readonly OpCase[] = [
  ...binary,
  ...pointwise,
  ...rowwise,
  ...productCases,
  ...headCases,
  ...logitCases,
  ...broadcastCases,
  ...mixingCases,
  ...rotations,
  row(
    "scale",
    "[2,5]",
    { x: [2, 5] },
    ({ x }) => scale(x, -1.7),
    (g, { x }) => twins.scale(g, x, -1.7),
  ),
  row(
    "addTrailing",
    "a bias",
    { x: [3, 5], b: [5] },
    ({ x, b }) => addTrailing(x, b),
    (g, { x, b }) => twins.addTrailing(g, x, b),
  ),
  row(
    "addTrailing",
    "a table",
    { x: [2, 3, 4], b: [3, 4] },
    ({ x, b }) => addTrailing(x, b),
    (g, { x, b }) => twins.addTrailing(g, x, b),
  ),
  row(
    "addTrailing",
    "the same shape",
    { x: [2, 3], b: [2, 3] },
    ({ x, b }) => addTrailing(x, b),
    (g, { x, b }) => twins.addTrailing(g, x, b),
  ),
  row(
    "mean",
    "[3,5]",
    { x: [3, 5] },
    ({ x }) => mean(x),
    (g, { x }) => twins.mean(g, x),
  ),
  row(
    "crossEntropy",
    "with an ignored target",
    { logits: [2, 3, 7] },
    ({ logits }) => crossEntropy(logits, ids(targets, [2, 3])),
    (g, { logits }) => twins.crossEntropy(g, logits, targets),
  ),
  row(
    "crossEntropy",
    "all targets ignored",
    { logits: [2, 3, 7] },
    ({ logits }) => crossEntropy(logits, ids(none, [2, 3])),
    (g, { logits }) => twins.crossEntropy(g, logits, none),
  ),
  row(
    "embedding",
    "with repeated ids",
    { table: [5, 6] },
    ({ table }) => embedding(table, ids(tokens, [2, 3])),
    (g, { table }) => twins.embedding(g, table, tokens, [2, 3]),
  ),
  row(
    "dropout",
    "rate 0.3",
    { x: [5, 7] },
    ({ x }) => dropout(x, 0.3, rng(5)),
    (g, { x }) => twins.dropout(g, x, 0.3, rng(5).key()),
  ),
  row(
    "dropout",
    "rate 0",
    { x: [2, 3] },
    ({ x }) => dropout(x, 0, rng(5)),
    (g, { x }) => twins.map(x, (value) => g.scale(value, 1)),
  ),
  row(
    "reshape",
    "[2,6] to [3,4]",
    { x: [2, 6] },
    ({ x }) => reshape(x, [3, 4]),
    (g, { x }) => twins.reshape(g, x, [3, 4]),
  ),
  row(
    "rowsFrom",
    "2 of 5",
    { x: [5, 3] },
    ({ x }) => rowsFrom(x, 1, 2),
    (g, { x }) => twins.rowsFrom(g, x, 1, 2),
  ),
  row(
    "lastToken",
    "[3,4,5]",
    { x: [3, 4, 5] },
    ({ x }) => lastToken(x),
    (g, { x }) => twins.lastToken(g, x),
  ),
];

function rotaryTables(positions: number, rotary: number) {
  const half = rotary / 2;
  const angles = Array.from(
    { length: positions * half },
    (_, i) => Math.floor(i / half) * 10000 ** ((-2 * (i % half)) / rotary),
  );
  return {
    cos: tensor(angles.map(Math.cos), [positions, half]),
    sin: tensor(angles.map(Math.sin), [positions, half]),
  };
}
