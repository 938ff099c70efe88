// What each token costs a model, one by one, in a plain run or one in which something is silenced, held or replaced.
import type { Batch } from "../data/batches";
import type { LanguageModel } from "../models/model";
import type { Taps } from "../nn/taps";
import { tokenLosses } from "../ops/crossentropy";
import { ids, scope } from "../tensor/tensor";
import { sequenceIds } from "./probe";

/** The loss of every target of the batch in nats, [batch, context] in row-major order, 0 where it is ignored. */
export function lossesOf(model: LanguageModel, batch: Batch, taps: Taps = {}): Float32Array {
  return scope(() => {
    const targets = ids(batch.targets, [batch.batch, batch.context]);
    return tokenLosses(model.logits(sequenceIds(batch), { taps }), targets).losses.values();
  });
}
