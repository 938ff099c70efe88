// Negative log-likelihood of target tokens.
import { kernels } from "../runtime/instance";
import { columns, rows, sameShape, show } from "../tensor/shape";
import { gradOf, record } from "../tensor/tape";
import { empty, integers, type Tensor } from "../tensor/tensor";

/**
 * Mean over the targets >= 0 of log-sum-exp(logits) - logits[target], in nats, as a scalar.
 *
 * @param logits [..., V]
 * @param targets [...], each 0..V-1, or negative to be ignored
 */
export function crossEntropy(logits: Tensor, targets: Tensor): Tensor {
  const counted = integers(targets).reduce((count, target) => count + (target >= 0 ? 1 : 0), 0);
  const { losses, lse } = tokenLosses(logits, targets);
  const K = kernels();
  const y = empty([], "crossEntropy");
  K.sfill(y.ptr, counted === 0 ? 0 : K.ssum(losses.ptr, losses.size) / counted, 1);
  return record("crossEntropy", y, [logits], (dy) => {
    if (counted === 0) return;
    // biome-ignore format: arguments grouped by meaning
    K.scrossentropy_grad(
      gradOf(logits).ptr, logits.ptr, lse.ptr, targets.ptr, rows(logits), columns(logits), dy.item() / counted,
    );
  });
}

/** The loss of every target in nats, [...], 0 where ignored, with the log-sum-exp of its logits. No gradient. */
export function tokenLosses(logits: Tensor, targets: Tensor): { losses: Tensor; lse: Tensor } {
  const vocabulary = columns(logits);
  if (!sameShape(targets.shape, logits.shape.slice(0, -1))) {
    throw new Error(
      `crossEntropy: targets must be logits' shape without its last axis, got ${show(targets.shape)} and ${show(logits.shape)}`,
    );
  }
  const wrong = integers(targets).find((id) => id >= vocabulary);
  if (wrong !== undefined) throw new Error(`crossEntropy: targets must be below ${vocabulary}, got ${wrong}`);
  const losses = empty(targets.shape, "token losses");
  const lse = empty(targets.shape, "log-sum-exp");
  kernels().scrossentropy(losses.ptr, lse.ptr, logits.ptr, targets.ptr, rows(logits), vocabulary);
  return { losses, lse };
}
