// The text that a run is about: a file, or one of the generators.
import { basename, extname } from "node:path";
import { type Corpus, corpus, expectContext } from "../data/text";
import type { Tokenizer } from "../data/tokenizer";
import { digest } from "../math/digest";
import { readText } from "./files";
import { generators, type Settings } from "./settings";
import { at, UsageError } from "./usage";

export interface NamedCorpus extends Corpus {
  /** "grammar", or the file's name without its folder and ending. */
  readonly name: string;
  /** Of all tokens, to notice a text that has changed. */
  readonly digest: string;
}

/** The tokenizer's file where a setting names one. */
export function tokenizerFile(tokenizer: string): string | undefined {
  return isKind(tokenizer) ? undefined : tokenizer;
}

function kindOf(tokenizer: string): "char" | "word" {
  if (isKind(tokenizer)) return tokenizer;
  throw new Error(`the tokenizer ${tokenizer} must be given, as it is a file`);
}

function isKind(tokenizer: string): tokenizer is "char" | "word" {
  return tokenizer === "char" || tokenizer === "word";
}

/**
 * @param tokenizer the saved one of a run, where there is one
 * @throws UsageError when the text is missing, too short for the context, or has nothing to learn
 */
export function loadCorpus(
  settings: Pick<Settings, "text" | "data" | "tokenizer"> & Partial<Pick<Settings, "context">>,
  tokenizer?: Tokenizer,
): NamedCorpus {
  const { text, data, context } = settings;
  const content = text === undefined ? generators[data].make() : readText(text);
  const made = at(
    text ?? `--data ${data}`,
    () => {
      const all = corpus(content, { tokenizer: tokenizer ?? kindOf(settings.tokenizer) });
      if (context !== undefined) expectContext(all.train, context);
      if (all.heldOut.length < 2)
        throw new Error(
          `the held-out tenth must have at least 2 tokens, got ${all.heldOut.length}; use a longer text`,
        );
      return all;
    },
    UsageError,
  );
  return {
    ...made,
    name: text === undefined ? data : basename(text, extname(text)),
    digest: digest(made.train) + digest(made.heldOut),
  };
}

/** At most `count` held-out tokens: from the first new line on where that leaves as many, so that people see a beginning. */
export function opening({ heldOut, tokenizer }: Corpus, count: number): Int32Array {
  const line = heldOut.indexOf(tokenizer.vocabulary.indexOf("\n")) + 1;
  const start = line + count <= heldOut.length ? line : 0;
  return heldOut.subarray(start, start + count);
}
