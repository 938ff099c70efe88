// The heads of a model on one sequence, as a figure of attention has them: in plain numbers of three digits, which a trial keeps.
import { headViews as exactViews } from "../../analysis/head-views";
import type { AttentionOnly } from "../../models/attention-only";
import { rounded } from "../rounded";

export type HeadView = {
  readonly layer: number;
  readonly head: number;
  readonly weights: readonly number[];
  readonly valueNorms: readonly number[];
  readonly effects: readonly number[];
};

/** @param targets for each token, the one whose logit effects are about */
export function headViews(
  model: AttentionOnly,
  tokens: ArrayLike<number>,
  targets: ArrayLike<number>,
): HeadView[] {
  return exactViews(model, tokens, targets).map(({ layer, head, weights, valueNorms, effects }) => ({
    ...{ layer, head },
    weights: Array.from(weights, rounded),
    valueNorms: Array.from(valueNorms, rounded),
    effects: Array.from(effects, rounded),
  }));
}
