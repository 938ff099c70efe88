// A corpus that a run is about: it has a name, a digest to know it by again, and enough text to train on and to evaluate.
import { digest } from "../math/digest";
import { type Corpus, corpus, expectContext } from "./text";
import type { Tokenizer } from "./tokenizer";

export interface NamedCorpus extends Corpus {
  readonly name: string;
  /** Of all tokens, to notice a text that has changed. */
  readonly digest: string;
}

export interface NamedCorpusOptions {
  readonly name: string;
  readonly tokenizer: "char" | "word" | Tokenizer;
  /** Tokens of one sequence, of which there must be enough. */
  readonly context?: number | undefined;
}

/** @throws Error when the text is too short for the context, or has nothing to learn */
export function namedCorpus(text: string, { name, tokenizer, context }: NamedCorpusOptions): NamedCorpus {
  const made = corpus(text, { tokenizer });
  if (context !== undefined) expectContext(made.train, context);
  if (made.heldOut.length < 2) {
    throw new Error(
      `the held-out tenth must have at least 2 tokens, got ${made.heldOut.length}; use a longer text`,
    );
  }
  return { ...made, name, digest: digest(made.train) + digest(made.heldOut) };
}

/** At most `count` held-out tokens: from the first new line on where that leaves as many, so that people see a beginning. */
export function opening({ heldOut, tokenizer }: Corpus, count: number): Int32Array {
  const line = heldOut.indexOf(tokenizer.vocabulary.indexOf("\n")) + 1;
  const start = line + count <= heldOut.length ? line : 0;
  return heldOut.subarray(start, start + count);
}
