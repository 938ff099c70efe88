// Direct logit attribution: what each part of the residual stream adds by itself to the logits of chosen tokens, without what later blocks make of it.
import type { Model } from "../models";
import type { Sequences } from "./probe";
import { readout } from "./readout";
import { residualStream, type StreamPart } from "./stream";

export interface Attribution extends Omit<StreamPart, "data"> {
  /** What the part adds to the logit at every token, [B, T]; 0 where nothing is asked. */
  readonly values: Float64Array;
}

/**
 * The parts' shares in the logits of `answers`, in the order of the stream; they sum to these logits. A final norm is held as it was in the
 * run: its scale is that of the whole stream (also called "applying the cached LayerNorm"), and its bias is a part of its own, "norm bias".
 *
 * @param answers a token for every token of the sequences, [B, T], negative where nothing is asked
 * @param against tokens whose logits are subtracted: a logit difference, to which nothing adds that raises all tokens alike
 * @throws Error for a model whose stream is no sum of parts, and unless there are B T answers of the vocabulary
 */
export function logitAttributions(
  model: Model,
  tokens: Sequences,
  answers: ArrayLike<number>,
  against?: ArrayLike<number>,
): Attribution[] {
  const { parts, whole, B, T, C } = residualStream(model, tokens);
  const { vocabulary } = model.config;
  for (const list of [answers, against]) if (list) expectAnswers(list, B * T, vocabulary);
  const read = readout(model, whole);
  const each = (value: (row: number, token: number) => number) =>
    Float64Array.from({ length: B * T }, (_, row) => {
      const [right, wrong] = [answers[row]!, against?.[row] ?? -1];
      if (right < 0) return 0;
      return value(row, right) - (wrong < 0 ? 0 : value(row, wrong));
    });
  const shares = parts.map(
    ({ data, ...part }): Attribution => ({
      ...part,
      values: each((row, token) => read.logit(data, row * C, row, token)),
    }),
  );
  const offsets = each((_, token) => read.offset(token));
  return offsets.some((value) => value !== 0) ? [...shares, { name: "norm bias", values: offsets }] : shares;
}

/** @throws Error unless there is an answer for each of `count` tokens, below the size of the vocabulary */
export function expectAnswers(answers: ArrayLike<number>, count: number, vocabulary: number): void {
  if (answers.length !== count)
    throw new Error(
      `attribution: there must be an answer for each of ${count} tokens, got ${answers.length}`,
    );
  const wrong = Array.from(answers).find((token) => !(Number.isInteger(token) && token < vocabulary));
  if (wrong !== undefined)
    throw new Error(`attribution: answers must be below ${vocabulary}, or negative for none, got ${wrong}`);
}
