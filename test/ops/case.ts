// What a row of the table of ops is.
import type { Shape } from "../../src/tensor/shape";
import type { Tensor } from "../../src/tensor/tensor";
import type { Twin } from "../reference/compare";
import type { Grid } from "../reference/ops";

type Shapes = Readonly<Record<string, Shape>>;

export interface OpCase {
  /** The exported name in src/ops. */
  readonly op: string;
  /** How it is used here. */
  readonly use: string;
  readonly inputs: Shapes;
  readonly run: (inputs: Readonly<Record<string, Tensor>>) => Tensor;
  readonly twin: Twin;
}

/** Types the inputs of `run` and `twin` by the names in `inputs`. */
export function row<S extends Shapes>(
  op: string,
  use: string,
  inputs: S,
  run: (x: Readonly<Record<keyof S, Tensor>>) => Tensor,
  twin: (g: Parameters<Twin>[0], x: Readonly<Record<keyof S, Grid>>) => Grid,
): OpCase {
  // The runner gives exactly the tensors that `inputs` names.
  return { op, use, inputs, run: run as OpCase["run"], twin: twin as Twin };
}
