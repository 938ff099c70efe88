// Attention alone, layer upon layer, without residual stream and MLP: how soon are all tokens one?
import { type Matrix, matrix, product, rowOf, transposed } from "../../analysis/matrix";
import { singularValues } from "../../analysis/spectrum";
import { type Mask, type MaskName, masks } from "../../attention/mask";
import type { Rng } from "../../tensor/rng";
import type { DepthMetrics, DirectionConfig } from "./config";
import { normals, rankOf, scaled, softmaxRows } from "./weights";

const LAYERS = 8;

/** In each layer tokens are brought to unit size, asked by queries and keys from new random matrices, and replaced by what they attend to. */
export function depthMetrics({ tokens, width, arm }: DirectionConfig, rng: Rng): DepthMetrics {
  let x = normals(tokens, width, rng.fork("tokens"));
  const mask: Mask = masks[arm as MaskName]; // by checkDirection
  const left: number[] = [];
  for (let layer = 0; layer < LAYERS; layer++) {
    const unit = normalized(x);
    const [q, k] = ["queries", "keys"].map((name) =>
      product(unit, scaled(normals(width, width, rng.fork(name, layer)), 1 / Math.sqrt(width))),
    ) as [Matrix, Matrix];
    const scores = product(scaled(q, 1 / Math.sqrt(width)), transposed(k));
    const place = { layer, head: 0, heads: 1, window: 1, prefix: 0 };
    x = product(
      softmaxRows(scores, (i, j) => mask.allowed(i, j, place)),
      unit,
    );
    left.push(apart(x));
  }
  return { left, rank: rankOf(singularValues(x)) };
}

/** Rows of root mean square 1. */
function normalized(x: Matrix): Matrix {
  const out = matrix(x.rows, x.columns);
  for (let i = 0; i < x.rows; i++) {
    const row = rowOf(x, i);
    const size = Math.sqrt(row.reduce((sum, value) => sum + value * value, 0) / x.columns);
    rowOf(out, i).set(row.map((value) => value / size));
  }
  return out;
}

/** |X - mean over tokens| / |X|, in the Frobenius norm. */
function apart(x: Matrix): number {
  const mean = new Float64Array(x.columns);
  for (let i = 0; i < x.rows; i++) for (const [c, value] of rowOf(x, i).entries()) mean[c]! += value / x.rows;
  let [difference, size] = [0, 0];
  for (let i = 0; i < x.rows; i++) {
    for (const [c, value] of rowOf(x, i).entries()) {
      difference += (value - mean[c]!) ** 2;
      size += value * value;
    }
  }
  return Math.sqrt(difference / size);
}
