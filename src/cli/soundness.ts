// Whether a model still computes numbers: asked before it replaces the last good checkpoint.
import type { Batch } from "../data/batches";
import type { Model } from "../models";
import { parameters } from "../nn/module";
import { NonFiniteError, valueAndGradients } from "../tensor/tape";
import { ids, scope } from "../tensor/tensor";
import { DivergedError } from "../train/trainer";

/**
 * Computes the loss that step `step + 1` starts from, on its batch.
 * @throws DivergedError with the first op that gave NaN or infinity
 */
export function expectSound(model: Model, step: number, { inputs, targets, batch, context }: Batch): void {
  const shape = [batch, context];
  const loss = () => model.loss(ids(inputs, shape), ids(targets, shape));
  if (Number.isFinite(scope(() => loss().item()))) return;
  try {
    scope(() => valueAndGradients(loss, parameters(model)));
  } catch (error) {
    if (error instanceof NonFiniteError) throw new DivergedError(step + 1, error.op ?? "the inputs");
    throw error;
  }
}
