// Text to token ids and back: by character (code point) or by word. A tokenizer is its vocabulary; ids are indices into it.

export interface VocabularyJSON {
  readonly kind: "char" | "word";
  readonly vocabulary: readonly string[];
}

/** "file": what is known is kept elsewhere, and not by this module. */
export type TokenizerJSON = VocabularyJSON | { readonly kind: "file" };

export interface Tokenizer {
  readonly kind: TokenizerJSON["kind"];
  /** The text of every token. */
  readonly vocabulary: readonly string[];
  /** One id per token. Throws an Error that names the first token outside the vocabulary (unless the vocabulary has `<unk>`). */
  encode(text: string): Int32Array;
  /** The text of ids, which encodes to the same ids again. Throws a RangeError for an id outside the vocabulary. */
  decode(ids: ArrayLike<number>): string;
  /** The text of one id. Throws a RangeError for an id outside the vocabulary. */
  token(id: number): string;
  /** Plain data for `tokenizerFromJSON`, but for kind "file". */
  toJSON(): TokenizerJSON;
}

/** Stands for every word outside a limited vocabulary. */
export const UNKNOWN = "<unk>";

/** `<unk>`, a line end, a word (with inner apostrophes and hyphens), or one sign. Spaces are not tokens. */
export const WORD = /<unk>|\n|[\p{L}\p{N}\p{M}]+(?:['’-][\p{L}\p{N}\p{M}]+)*|[^\s\p{L}\p{N}\p{M}]/gu;
const NO_SPACE_BEFORE = new Set([".", ",", ";", ":", "!", "?", ")", "]", "}", "%", "…", "”", "\n"]);
const NO_SPACE_AFTER = new Set(["(", "[", "{", "“", "\n"]);
/** Tokens that have no space before them, or after. */
export const WORD_SPACES = { before: NO_SPACE_BEFORE, after: NO_SPACE_AFTER } as const;

/** A token per distinct code point of `text`, in code point order. Round trips every text over these characters exactly. */
export function charTokenizer(text: string): Tokenizer {
  return fromCharacters([...new Set(text)].sort((a, b) => a.codePointAt(0)! - b.codePointAt(0)!));
}

/**
 * A token per distinct word, sign and line end of `text`, the frequent ones first (ties in code unit order). `decode` puts spaces
 * back by the rules of print, so texts round trip up to spacing.
 * @param options `maximum`: size of the vocabulary, of which the first is `<unk>`; without it, every token of the text is kept
 *   and an unknown word is an error.
 * @throws RangeError unless `maximum` is a whole number of at least 2
 */
export function wordTokenizer(text: string, options: { readonly maximum?: number } = {}): Tokenizer {
  const { maximum } = options;
  if (maximum !== undefined && !(Number.isInteger(maximum) && maximum >= 2)) {
    throw new RangeError(`tokenizer: maximum must be a whole number of at least 2, got ${maximum}`);
  }
  const counts = new Map<string, number>();
  for (const [word] of text.matchAll(WORD)) counts.set(word, (counts.get(word) ?? 0) + 1);
  const byCount = [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)).map(([word]) => word);
  if (maximum === undefined) return fromWords(byCount);
  return fromWords([UNKNOWN, ...byCount.filter((word) => word !== UNKNOWN).slice(0, maximum - 1)]);
}

/** A tokenizer from `toJSON` or from a parsed file. Throws an Error that says what is wrong with it. */
export function tokenizerFromJSON(json: unknown): Tokenizer {
  const { kind, vocabulary }: { kind?: unknown; vocabulary?: unknown } = Object(json);
  if (!Array.isArray(vocabulary) || vocabulary.length === 0) {
    throw new Error(
      `tokenizer: vocabulary must be an array of at least one token, got ${describe(vocabulary)}`,
    );
  }
  const tokens = vocabulary.map((token: unknown, id) => {
    if (typeof token === "string" && token !== "") return token;
    throw new Error(
      `tokenizer: a token must be a string that is not empty, got ${describe(token)} at id ${id}`,
    );
  });
  switch (kind) {
    case "char": {
      const wide = tokens.find((token) => [...token].length !== 1);
      if (wide === undefined) return fromCharacters(tokens);
      throw new Error(`tokenizer: a token of kind "char" must be one character, got ${describe(wide)}`);
    }
    case "word":
      return fromWords(tokens);
    default:
      throw new Error(`tokenizer: kind must be "char" or "word", got ${describe(kind)}`);
  }
}

function fromCharacters(vocabulary: readonly string[]): Tokenizer {
  const ids = indexOf(vocabulary);
  return {
    ...lookup("char", vocabulary),
    encode(text) {
      const encoded = new Int32Array(text.length);
      let count = 0;
      let position = 0;
      for (const character of text) {
        const id = ids.get(character);
        if (id === undefined) {
          throw new Error(
            `tokenizer: character ${JSON.stringify(character)} (${codePoint(character)}) is not in the vocabulary of ${vocabulary.length}, at position ${position}`,
          );
        }
        encoded[count++] = id;
        position += character.length;
      }
      return encoded.slice(0, count);
    },
    decode(encoded) {
      return Array.from(encoded, (id) => checked(vocabulary, id)).join("");
    },
  };
}

function fromWords(vocabulary: readonly string[]): Tokenizer {
  const ids = indexOf(vocabulary);
  const unknown = ids.get(UNKNOWN);
  return {
    ...lookup("word", vocabulary),
    encode(text) {
      return Int32Array.from(text.matchAll(WORD), (match) => {
        const id = ids.get(match[0]) ?? unknown;
        if (id !== undefined) return id;
        throw new Error(
          `tokenizer: word ${JSON.stringify(match[0])} is not in the vocabulary of ${vocabulary.length}, at position ${match.index}; a tokenizer with a maximum has ${UNKNOWN} for such words`,
        );
      });
    },
    decode(encoded) {
      return spaced(Array.from(encoded, (id) => checked(vocabulary, id)));
    },
  };
}

function lookup(kind: VocabularyJSON["kind"], vocabulary: readonly string[]) {
  return {
    kind,
    vocabulary,
    token: (id: number) => checked(vocabulary, id),
    toJSON: (): VocabularyJSON => ({ kind, vocabulary }),
  };
}

function indexOf(vocabulary: readonly string[]): Map<string, number> {
  const ids = new Map(vocabulary.map((token, id) => [token, id]));
  if (ids.size === vocabulary.length) return ids;
  const twice = vocabulary.find((token, id) => ids.get(token) !== id);
  throw new Error(`tokenizer: tokens must be distinct, got ${JSON.stringify(twice)} twice`);
}

function checked(vocabulary: readonly string[], id: number): string {
  const token = vocabulary[id];
  if (token !== undefined) return token;
  throw new RangeError(`tokenizer: ids run from 0 to ${vocabulary.length - 1}, got ${id}`);
}

/** Words joined by spaces, signs set as in print; straight double quotes open and close in turn within a line. */
function spaced(words: readonly string[]): string {
  let text = "";
  let glued = true;
  let quoted = false;
  for (const word of words) {
    const closes = word === '"' && quoted;
    text += glued || closes || NO_SPACE_BEFORE.has(word) ? word : ` ${word}`;
    if (word === '"') quoted = !quoted;
    if (word === "\n") quoted = false;
    glued = NO_SPACE_AFTER.has(word) || (word === '"' && quoted);
  }
  return text;
}

function codePoint(character: string): string {
  return `U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")}`;
}

function describe(value: unknown): string {
  return (JSON.stringify(value) ?? "nothing").slice(0, 60);
}
