// Logits from heed's models that take no padding on the left: every row is read by itself.
import type { LanguageModel } from "../models/model";
import { type ModelRows, type ModelSource, modelSource } from "./model-source";

/** A state for each row, as if it were alone. */
export function rowSource(model: LanguageModel): ModelSource {
  const { context, prefill } = modelSource(model);
  return {
    ...(context !== undefined && { context }),
    prefill(rows, room): ModelRows {
      const read: ModelRows[] = [];
      const release = () => {
        for (const row of read) row.release();
      };
      try {
        for (const row of rows) read.push(prefill([row], room));
      } catch (error) {
        release();
        throw error;
      }
      return {
        logits: read.flatMap(({ logits }) => logits),
        step: (token) => read.flatMap((row) => row.step(token)),
        release,
      };
    },
  };
}
