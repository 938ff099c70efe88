// The text that a run is about: a file, or one of the generators.
import { basename, extname } from "node:path";
import { type NamedCorpus, namedCorpus } from "../data/named-corpus";
import type { Tokenizer } from "../data/tokenizer";
import { readText } from "../terminal/files";
import { at, UsageError } from "../terminal/usage";
import { generators, type Settings, tokenizerKind } from "./settings";

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
  return at(
    text ?? `--data ${data}`,
    () =>
      namedCorpus(content, {
        name: text === undefined ? data : basename(text, extname(text)),
        tokenizer: tokenizer ?? tokenizerKind(settings.tokenizer),
        context,
      }),
    UsageError,
  );
}
