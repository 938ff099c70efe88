// Logits from heed's models that take no padding on the left: every row is read by itself.
import type { LanguageModel } from "../models/model";
import { type ModelRows, type ModelSource, modelSource } from "./model-source";

/** The source that fits the model: rows in one batch, or, where its keys are smeared, one by one. */
export function sourceOf(model: LanguageModel): ModelSource {
  return smearsKeys(model) ? rowSource(model) : modelSource(model);
}

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

/** Smearing counts positions from the start of what is read. */
function smearsKeys({ config }: LanguageModel): boolean {
  return "smear" in config && config.smear === "yes";
}
