// How a model reads contexts of different lengths: side by side where it can, and otherwise one by one.
import type { LanguageModel } from "../../models/model";
import type { ModelSource } from "../../nbce/model-source";
import { rowSource, sourceOf } from "../../nbce/row-source";

/** Two rows of different lengths, as short as they can be. */
const UNEVEN = [[0], [0, 0]];

/**
 * Side by side, shorter rows are padded on the left, which a model that counts positions from the start refuses: a random
 * synthesizer, linear attention with rope, a prefix mask. Whether this one does is tried, so that what refuses stays the one
 * place that knows.
 */
export function readerOf(model: LanguageModel): ModelSource {
  const together = sourceOf(model);
  try {
    together.prefill(UNEVEN, 0).release();
    return together;
  } catch {
    return rowSource(model);
  }
}
