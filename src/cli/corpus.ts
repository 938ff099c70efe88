// The text that a run is about: a file, or one of the generators.

import { datasets } from "../data";
import { type Corpus, corpus, expectContext } from "../data/text";
import type { Tokenizer } from "../data/tokenizer";
import { readText } from "./files";
import type { Settings } from "./settings";
import { UsageError } from "./usage";

/** Characters of generated text: enough that a small model does not learn it by heart in a minute. */
const GENERATED_CHARACTERS = 400_000;

export interface NamedCorpus extends Corpus {
  /** "grammar" or the file's path. */
  readonly name: string;
}

/**
 * @param tokenizer the saved one of a run, where there is one
 * @throws UsageError when the text is missing, too short for the context, or has nothing to learn
 */
export function loadCorpus(
  settings: Pick<Settings, "text" | "data" | "tokenizer" | "context">,
  tokenizer: Tokenizer | undefined,
): NamedCorpus {
  const { text, data, context } = settings;
  try {
    const content =
      text === undefined ? datasets[data].make({ characters: GENERATED_CHARACTERS }) : readText(text);
    const made = corpus(content, { tokenizer: tokenizer ?? settings.tokenizer });
    expectContext(made.train, context);
    expectContext(made.heldOut, 1);
    return { ...made, name: text ?? data };
  } catch (error) {
    if (error instanceof UsageError || !(error instanceof Error)) throw error;
    throw new UsageError(text === undefined ? error.message : `${text}: ${error.message}`);
  }
}
