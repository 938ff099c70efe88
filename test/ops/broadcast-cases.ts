// Rows of the table of ops for what repeats: factors per row and over last axes, tables that are looked up.
import { lookup, multiplyTrailing, scaleRows } from "../../src/ops/broadcast";
import { ids, tensor } from "../../src/tensor/tensor";
import { type Grid, map } from "../reference/ops";
import { type OpCase, row } from "./case";

const FACTORS = [-1.5, 0, 0.75];
const INDEX = [3, 0, 3, 1, 1, 2];

export const broadcastCases: readonly OpCase[] = [
  ...[
    [3, 5],
    [2, 2, 3, 7],
  ].map((shape) =>
    row(
      "scaleRows",
      `[${shape}] by three factors`,
      { x: shape },
      ({ x }) => scaleRows(x, tensor(FACTORS, [3])),
      (g, { x }) => map(x, (value, i) => g.scale(value, FACTORS[Math.floor(i / shape.at(-1)!) % 3]!)),
    ),
  ),
  ...[[5], [3, 5], [2, 3, 5]].map((shape) =>
    row(
      "multiplyTrailing",
      `[2,3,5] by [${shape}]`,
      { x: [2, 3, 5], b: shape },
      ({ x, b }) => multiplyTrailing(x, b),
      (g, { x, b }) => map(x, (value, i) => g.mul(value, b.data[i % b.data.length]!)),
    ),
  ),
  row(
    "lookup",
    "[2,4] at [2,3]",
    { table: [2, 4] },
    ({ table }) => lookup(table, ids(INDEX, [2, 3])),
    (_, { table }): Grid => ({
      shape: [2, 2, 3],
      data: [0, 1].flatMap((h) => INDEX.map((i) => table.data[4 * h + i]!)),
    }),
  ),
];
