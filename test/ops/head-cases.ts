// Rows of the table of ops: single heads.
import { headOf, headOutputs, withHead } from "../../src/ops/heads";
import * as twins from "../reference/ops";
import { type OpCase, row } from "./case";

const parts = [
  { shape: [2, 3, 4, 5], head: 1 },
  { shape: [1, 1, 7], head: 0 },
  { shape: [3, 2, 2, 3], head: 0 },
  { shape: [2, 2, 9], head: 1 },
].flatMap(({ shape, head }) => {
  const [B, , ...rest] = shape;
  const label = `head ${head} of [${shape}]`;
  return [
    row(
      "headOf",
      label,
      { x: shape },
      ({ x }) => headOf(x, head),
      (g, { x }) => twins.headOf(g, x, head),
    ),
    row(
      "withHead",
      label,
      { x: shape, y: [B!, ...rest] },
      ({ x, y }) => withHead(x, head, y),
      (g, { x, y }) => twins.withHead(g, x, head, y),
    ),
  ];
});

const outputs = [
  { B: 2, T: 3, H: 2, D: 4, C: 5 },
  { B: 1, T: 1, H: 1, D: 1, C: 1 },
  { B: 2, T: 9, H: 3, D: 5, C: 17 },
].map(({ B, T, H, D, C }) =>
  row(
    "headOutputs",
    `${H} heads of ${D} to ${C} channels`,
    { mixed: [B, T, H, D], weight: [H * D, C] },
    ({ mixed, weight }) => headOutputs(mixed, weight),
    (g, { mixed, weight }) => twins.headOutputs(g, mixed, weight),
  ),
);

export const headCases: readonly OpCase[] = [...parts, ...outputs];
