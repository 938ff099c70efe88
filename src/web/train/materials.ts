// What a run begins with beside its settings, on the page's side: a text, and a tokenizer of a file. They come here, or a link speaks of them.
import { type ReadFile, textOf } from "../files";
import type { Command, GivenText, GivenTokenizer, News, TextWords } from "./protocol";
import type { TrainState } from "./state";

const PASTED = "pasted.txt";
const CONFIG = "tokenizer_config.json";
const TEXT_OR_RUN = "a text in UTF-8, or the files of a run";
/** Also where one of them comes without the others. */
const OF_A_RUN = /(\.zip|\.safetensors|^heed\.json|\.jsonl)$/i;

/** @param send to the worker, which reads what comes */
export function materials(state: TrainState, send: (command: Command) => void) {
  function takeText(name: string, content: string): void {
    state.text = { name, content };
    send({ kind: "name", text: state.text });
  }
  return {
    /** Those that a link speaks of; it holds the text, or its name and digest alone. */
    want(text?: TextWords, tokenizerDigest?: string): void {
      state.wantedTokenizer = tokenizerDigest === state.tokenizer?.digest ? undefined : tokenizerDigest;
      if (text && state.text?.words?.digest === text.digest) return;
      state.text = undefined;
      state.wanted = text && { words: text };
      if (text?.deflated !== undefined) send({ kind: "unpack", words: text });
    },
    paste(content: string): void {
      if (content.trim() !== "") takeText(PASTED, content);
    },
    /**
     * Takes a text, a tokenizer or both. False for other files: those of a run.
     * @throws Error for a file that is neither
     */
    take(files: readonly ReadFile[]): boolean {
      const { text, tokenizer } = sorted(files);
      if (text) takeText(text.name, textOf(text, TEXT_OR_RUN));
      if (tokenizer) send({ kind: "tokenizer", tokenizer });
      return text !== undefined || tokenizer !== undefined;
    },
    inUse(): { readonly text?: GivenText; readonly tokenizer?: GivenTokenizer } {
      const { text } = state;
      const tokenizer = tokenizerInUse(state);
      return { ...(text && { text }), ...(tokenizer && { tokenizer }) };
    },
    /** What an address is to speak of: those that are here, or that are still wanted. */
    named() {
      return {
        text: state.text ?? state.wanted,
        tokenizer: tokenizerInUse(state) ?? wantedTokenizer(state),
      };
    },
    hear(news: News): void {
      switch (news.kind) {
        case "opened":
          state.text = news.facts.text;
          state.wanted = undefined;
          state.tokenizer = news.facts.tokenizer;
          state.wantedTokenizer = undefined;
          return;
        case "text":
          if (!state.text && !state.wanted) return; // it was given up
          state.text = news.text;
          if (news.text.words?.digest === state.wanted?.words.digest) state.wanted = undefined;
          return;
        case "damaged":
          if (state.wanted) state.wanted = { words: without(state.wanted.words), damaged: true };
          return;
        case "tokenizer":
          state.tokenizer = news.tokenizer;
          if (news.tokenizer.digest === state.wantedTokenizer) state.wantedTokenizer = undefined;
          return;
      }
    },
  };
}

/** The tokenizer of the file that the settings name. */
export function tokenizerInUse({ tokenizer, words }: TrainState): GivenTokenizer | undefined {
  return tokenizer?.name === words.tokenizer ? tokenizer : undefined;
}

/** The one that a link was made for, as long as it is not the one that is here. */
export function wantedTokenizer({ wantedTokenizer: digest, words }: TrainState) {
  const { tokenizer: name } = words;
  return digest !== undefined && name?.includes(".") ? { name, digest } : undefined;
}

function without({ deflated: _, ...words }: TextWords): TextWords {
  return words;
}

/** Nothing where there is anything else than a text and a tokenizer, with the settings that lay beside it. */
function sorted(files: readonly ReadFile[]): { text?: ReadFile; tokenizer?: GivenTokenizer } {
  const config = files.find(({ name }) => name === CONFIG);
  const tokenizer = files.find((file) => file !== config && /tokenizer.*\.json$/i.test(file.name));
  const [text, ...more] = files.filter((file) => file !== config && file !== tokenizer);
  if (files.some(({ name }) => OF_A_RUN.test(name)) || (config && !tokenizer)) return {};
  if (more.length > 0) throw new Error(`one text at a time, got ${1 + more.length} files`);
  return {
    ...(text && { text }),
    ...(tokenizer && {
      tokenizer: { name: tokenizer.name, file: tokenizer.bytes, ...(config && { settings: config.bytes }) },
    }),
  };
}
