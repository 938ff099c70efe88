// From a text to a corpus: token ids, the last part held out.
import { charTokenizer, type Tokenizer, wordTokenizer } from "./tokenizer";

export interface Corpus {
  readonly tokenizer: Tokenizer;
  readonly train: Int32Array;
  /** The end of the text, never trained on. */
  readonly heldOut: Int32Array;
}

export interface CorpusOptions {
  /** "char" (default) and "word" make a tokenizer from the text; a tokenizer is used as it is. */
  readonly tokenizer?: "char" | "word" | Tokenizer;
  /** Share of the tokens, from the end, that is held out: 0 <= heldOut < 1, default 0.1. */
  readonly heldOut?: number;
}

/** Vocabulary of the "word" tokenizer, `<unk>` included: the softmax over it stays affordable. */
const MAXIMUM_WORDS = 8192;

/**
 * Tokens of a text in two parts: the first floor(n (1 - heldOut)) train, the rest is held out. The vocabulary comes from the whole
 * text, so the held-out part has no unknown characters.
 * @throws Error for a text that is empty or has one distinct token only, and where the tokenizer meets an unknown token
 */
export function corpus(text: string, options: CorpusOptions = {}): Corpus {
  const { tokenizer: wanted = "char", heldOut = 0.1 } = options;
  if (!(heldOut >= 0 && heldOut < 1))
    throw new RangeError(`corpus: heldOut must be at least 0 and below 1, got ${heldOut}`);
  if (text.length === 0)
    throw new Error("corpus: a text must have at least two distinct tokens, got an empty text");
  const tokenizer = makeTokenizer(wanted, text);
  const tokens = tokenizer.encode(text);
  if (tokens.every((token) => token === tokens[0])) {
    const seen =
      tokens.length === 0
        ? "no token"
        : `only ${JSON.stringify(tokenizer.token(tokens[0]!))}, ${tokens.length} times`;
    throw new Error(`corpus: a text must have at least two distinct tokens, got ${seen}`);
  }
  // 1 - 0.1 is a little below 0.9; rounding the share to 12 digits keeps the split where a reader expects it.
  const split = Math.floor(tokens.length * (Math.round((1 - heldOut) * 1e12) / 1e12));
  return { tokenizer, train: tokens.slice(0, split), heldOut: tokens.slice(split) };
}

/**
 * Refuses tokens that are too few for one window.
 * @throws RangeError unless context is a whole number of at least 1 and there are at least context + 1 tokens
 */
export function expectContext(tokens: Int32Array, context: number): void {
  if (!(Number.isInteger(context) && context >= 1)) {
    throw new RangeError(`corpus: context must be a whole number of at least 1, got ${context}`);
  }
  if (tokens.length < context + 1) {
    throw new RangeError(
      `corpus: a context of ${context} needs at least ${context + 1} tokens to train on, got ${tokens.length}; use a shorter context or a longer text`,
    );
  }
}

function makeTokenizer(wanted: "char" | "word" | Tokenizer, text: string): Tokenizer {
  if (wanted === "char") return charTokenizer(text);
  if (wanted === "word") return wordTokenizer(text, { maximum: MAXIMUM_WORDS });
  return wanted;
}
