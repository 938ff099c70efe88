// What an intervention is judged by: one number of the logits, made by ops, so that it can be differentiated, too.
import { mean, multiply, scale } from "../ops/arithmetic";
import { crossEntropy } from "../ops/crossentropy";
import { expectShape } from "../tensor/shape";
import { ids, type Tensor, tensor } from "../tensor/tensor";

/** Logits [B, T, V] to a single number. */
export type Metric = (logits: Tensor) => Tensor;

export interface LogitQuestion {
  /** The token that should come. */
  readonly right: number;
  /** One that should not: then the metric is the difference. */
  readonly wrong?: number;
  /** Where it is asked; negative ones count from the end. Default: the last. */
  readonly position?: number;
}

/** The logit of a token, or the difference of two, at one position; the mean over sequences. */
export function logitMetric({ right, wrong, position = -1 }: LogitQuestion): Metric {
  return (logits) => {
    const { B, T, V } = expectShape("logitMetric", "logits", logits, ["B", "T", "V"]);
    const at = position < 0 ? T + position : position;
    if (!(Number.isInteger(at) && at >= 0 && at < T))
      throw new Error(`logitMetric: position must be one of ${T} tokens, got ${position}`);
    const shares = new Float32Array(B * T * V);
    for (const [token, share] of [
      [right, 1],
      [wrong, -1],
    ] as const) {
      if (token === undefined) continue;
      if (!(Number.isInteger(token) && token >= 0 && token < V))
        throw new Error(`logitMetric: tokens must be 0..${V - 1}, got ${token}`);
      for (let b = 0; b < B; b++) shares[(b * T + at) * V + token]! += share;
    }
    return scale(mean(multiply(logits, tensor(shares, logits.shape))), T * V);
  };
}

/** The mean loss of targets [B, T] in nats, negative ones ignored. */
export function lossMetric(targets: ArrayLike<number>): Metric {
  return (logits) => crossEntropy(logits, ids(targets, logits.shape.slice(0, -1)));
}
