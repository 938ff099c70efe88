// The heads of an attention-only model on one sequence, as the viewer shows them: where each looks, how long the values are that it finds
// there, and what each source adds through it to the logit of a target. Exact: with the patterns of the run the rest is linear.
import type { Circuits } from "../../analysis/circuits";
import { type Matrix, matrix, plus, product, rowOf } from "../../analysis/matrix";
import { circuitsOf } from "../../analysis/model-circuits";
import { attentionPatterns } from "../../analysis/probe";
import type { AttentionOnly } from "../../models/attention-only";
import { rounded } from "../rounded";

/** As a figure of attention has it, in plain numbers of three digits. */
export type HeadView = {
  readonly layer: number;
  readonly head: number;
  readonly weights: readonly number[];
  readonly valueNorms: readonly number[];
  readonly effects: readonly number[];
};

/** @param targets for each token, the one whose logit is meant */
export function headViews(
  model: AttentionOnly,
  tokens: ArrayLike<number>,
  targets: ArrayLike<number>,
): HeadView[] {
  const T = tokens.length;
  const circuits = circuitsOf(model);
  const patterns = attentionPatterns(model, tokens);
  let x = embedded(circuits, tokens);
  const views: HeadView[] = [];
  for (const heads of circuits.layers) {
    const before = x;
    for (const { layer, head, ov } of heads) {
      const { weights } = patterns.find((one) => one.layer === layer && one.head === head)!; // of the same model
      const values = product(before, ov.left); // [T, D]
      const moved = product(values, ov.right); // [T, C]
      const logits = product(moved, circuits.unembedding); // [T, V]: of each source
      x = plus(x, product(matrix(T, T, weights), moved));
      views.push({
        ...{ layer, head },
        weights: Array.from(weights, rounded),
        valueNorms: Array.from({ length: T }, (_, j) => rounded(length(rowOf(values, j)))),
        effects: Array.from(weights, (weight, at) => {
          const target = targets[Math.floor(at / T)]!;
          return rounded(weight * rowOf(logits, at % T)[target]!);
        }),
      });
    }
  }
  return views;
}

function embedded({ embedding }: Circuits, tokens: ArrayLike<number>): Matrix {
  return matrix(
    tokens.length,
    embedding.columns,
    Array.from(tokens).flatMap((token) => Array.from(rowOf(embedding, token))),
  );
}

function length(row: Float64Array): number {
  return Math.sqrt(row.reduce((sum, value) => sum + value * value, 0));
}
