// What an address says of a run: its settings by name, what it is computed on, and its text.
import type { Build } from "../../runtime/features";
import type { Words } from "../address";
import { sharesMemory } from "../isolation";
import type { TextWords, Threads } from "./protocol";

export interface Link {
  readonly words: Words;
  readonly build?: Build | undefined;
  readonly threads?: Threads | undefined;
  readonly text?: TextWords | undefined;
  /** The digest of the tokenizer's file, where the settings name one. */
  readonly tokenizer?: string | undefined;
}

/** What is at its default is left out. */
export function linkWords({ words, build, threads, text, tokenizer }: Link): Words {
  return {
    ...words,
    ...(build === "fast" && { build }),
    ...(threads !== undefined && threads !== "auto" && { threads: String(threads) }),
    ...text,
    ...(tokenizer !== undefined && { tokenizerDigest: tokenizer }),
  };
}

export function readLink({
  build,
  threads,
  text,
  digest = "",
  deflated,
  tokenizerDigest,
  ...words
}: Words): Link {
  const count = Number(threads);
  return {
    words,
    ...(build && { build: build === "fast" ? "fast" : "portable" }),
    ...(threads && {
      threads: Number.isInteger(count) && count > 0 ? Math.min(count, mostThreads()) : "auto",
    }),
    ...(tokenizerDigest !== undefined && { tokenizer: tokenizerDigest }),
    ...(text !== undefined && { text: { text, digest, ...(deflated !== undefined && { deflated }) } }),
  };
}

/** More than there are here change nothing but the time. */
export function mostThreads(): number {
  return sharesMemory() ? navigator.hardwareConcurrency : 1;
}

export function unknownSettings(names: readonly string[]): string {
  return `${names.join(", ")}: there is no such setting, so the address was read without it`;
}
