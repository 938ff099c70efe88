// How the end of a model turns its residual stream into logits. Without a norm it is the unembedding. A norm makes it linear only with its scale held
// as it was in the run: each part of the stream is then centred and scaled as the whole was, and the parts' logits sum to the model's.
import type { Model } from "../models";
import { namedTensors } from "../nn/module";

export interface Readout {
  /** What is added to the logit of a token whatever the stream is: the bias of the norm. */
  offset(token: number): number;
  /** What a part of the stream, C channels from `start` of `part`, adds at row `row` of the run to the logit of `token`. */
  logit(part: ArrayLike<number>, start: number, row: number, token: number): number;
  /** The direction that is read for a token, [C], at a row of the run. */
  direction(row: number, token: number): Float64Array;
}

/** @param whole the stream after the last block, [rows, C] */
export function readout(model: Model, whole: ArrayLike<number>): Readout {
  const { width: C, vocabulary: V } = model.config;
  const { norm, normEpsilon } = "norm" in model.config ? model.config : { norm: "none", normEpsilon: 0 };
  const tensors = namedTensors(model);
  const [gain, bias] = ["norm.gain", "norm.bias"].map((name) => tensors.get(name)?.values());
  const [table, unembedding] = [model.token.weight.values(), model.unembedding?.weight.values()];
  const weight = (c: number, token: number) =>
    unembedding ? unembedding[c * V + token]! : table[token * C + c]!; // tied: [V, C]
  const scales = Float64Array.from({ length: whole.length / C }, (_, row) => {
    if (norm === "none") return 1;
    let [sum, squares] = [0, 0];
    for (let c = 0; c < C; c++) {
      sum += whole[row * C + c]!;
      squares += whole[row * C + c]! ** 2;
    }
    const mean = norm === "layernorm" ? sum / C : 0;
    return 1 / Math.sqrt(squares / C - mean * mean + normEpsilon);
  });
  const known = new Map<number, Float64Array>();
  /** Gain and centring are moved from the stream to the direction. */
  const unscaled = (token: number): Float64Array => {
    const direction =
      known.get(token) ?? Float64Array.from({ length: C }, (_, c) => (gain?.[c] ?? 1) * weight(c, token));
    if (!known.has(token)) {
      const mean = direction.reduce((sum, value) => sum + value, 0) / C;
      if (norm === "layernorm") for (let c = 0; c < C; c++) direction[c]! -= mean;
      known.set(token, direction);
    }
    return direction;
  };
  return {
    offset: (token) => bias?.reduce((sum, value, c) => sum + value * weight(c, token), 0) ?? 0,
    logit(part, start, row, token) {
      const direction = unscaled(token);
      let sum = 0;
      for (let c = 0; c < C; c++) sum += part[start + c]! * direction[c]!;
      return scales[row]! * sum;
    },
    direction: (row, token) => unscaled(token).map((value) => scales[row]! * value),
  };
}
