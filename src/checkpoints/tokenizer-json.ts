// heed's own tokenizers as the files of Hugging Face's libraries: the same ids for the same text.
import { UNKNOWN, type VocabularyJSON, WORD, WORD_SPACES } from "../data/tokenizer";
import type { Json } from "./settings";

export interface TokenizerFiles {
  /** tokenizer.json */
  readonly tokenizer: Json;
  /** tokenizer_config.json */
  readonly settings: Json;
}

/**
 * Characters come back exactly, words with spaces by the same rules of print but for straight quotes, which lose the sense of opening
 * and closing.
 */
export function tokenizerFiles({ kind, vocabulary }: VocabularyJSON, context: number): TokenizerFiles {
  const pattern = kind === "char" ? "[\\s\\S]" : WORD.source;
  const unknown = vocabulary.includes(UNKNOWN) ? { unk_token: UNKNOWN } : {};
  return {
    tokenizer: {
      version: "1.0",
      truncation: null,
      padding: null,
      added_tokens: [],
      normalizer: null,
      // Inverted: what matches is a token, the rest is dropped.
      pre_tokenizer: { type: "Split", pattern: { Regex: pattern }, behavior: "Removed", invert: true },
      post_processor: null,
      decoder: kind === "char" ? { type: "Fuse" } : wordDecoder(),
      model: {
        type: "WordLevel",
        vocab: Object.fromEntries(vocabulary.map((token, id) => [token, id])),
        unk_token: UNKNOWN,
      },
    },
    settings: {
      tokenizer_class: "PreTrainedTokenizerFast",
      clean_up_tokenization_spaces: false,
      model_max_length: context,
      ...unknown,
    },
  };
}

/** A space before each word, but where print has none. */
function wordDecoder(): Json {
  const { before, after } = WORD_SPACES;
  const replace = (pattern: string, content: string) => ({
    type: "Replace",
    pattern: { Regex: pattern },
    content,
  });
  return {
    type: "Sequence",
    decoders: [
      replace(`^(?=[^${inClass(before)}])`, " "),
      { type: "Fuse" },
      replace(`(?<=[${inClass(after)}]) `, ""),
      replace("^ ", ""),
    ],
  };
}

function inClass(signs: ReadonlySet<string>): string {
  return [...signs].map((sign) => (/[\][\\^-]/.test(sign) ? `\\${sign}` : sign)).join("");
}
