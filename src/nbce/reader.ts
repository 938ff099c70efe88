// How one of heed's models reads rows of different lengths: side by side in one batch where it takes padding on the left, and otherwise
// one by one. Commands and pages that answer read by it, so that the same prompts give the same answer in all of them.
import type { LanguageModel } from "../models/model";
import { type ModelSource, modelSource } from "./model-source";
import { rowSource } from "./row-source";

export interface Reader {
  readonly source: ModelSource;
  /** Where rows are read one by one: that they are, and why, in a sentence. */
  readonly oneByOne?: string;
}

/** A row that is all padding and one that has none, as short as they can be. */
const UNEVEN = [[], [0]];
/** What a model throws that counts positions from the start: a random synthesizer, linear attention with rope, a prefix mask. */
const REFUSAL = /padding on the left shifts positions, which (\S+) counts from the start/;

/**
 * The reader that fits the model. Whether it takes padding on the left is tried, so that what refuses stays the one place that knows.
 * @throws Error when the trial fails for another reason, lack of memory for instance
 */
export function readerOf(model: LanguageModel): Reader {
  const source = modelSource(model);
  try {
    source.prefill(UNEVEN, 0).release();
    return { source };
  } catch (error) {
    const counting = error instanceof Error ? REFUSAL.exec(error.message)?.[1] : undefined;
    if (counting === undefined) throw error;
    return {
      source: rowSource(model),
      oneByOne: `The contexts are read one by one, which takes longer: ${counting} counts positions from the start, and padding before shorter prompts would shift them.`,
    };
  }
}
