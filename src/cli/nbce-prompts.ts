// The prompts of `nbce`: what each context and the question become, with the room that the model has. Knows no files.
import type { Tokenizer } from "../data/tokenizer";
import { nbcePrompts, splitTokens } from "../nbce/prompts";
import { at, UsageError } from "../terminal/usage";

export interface Context {
  /** The file, and which part of it where it is in parts. */
  readonly name: string;
  readonly text: string;
}

/** What a person calls these where they ask. */
export interface PromptNames {
  readonly question: string;
  readonly maxTokens: string;
  /** What cuts contexts into pieces. */
  readonly split: string;
}

const COMMAND_LINE: PromptNames = {
  question: "--question",
  maxTokens: "--max-tokens",
  split: "--split",
};

export interface PromptInputs {
  readonly tokenizer: Tokenizer;
  readonly template: string;
  readonly question: string;
  /** Tokens that a prompt may have. */
  readonly room: number;
  /** In sentences about what is wrong. */
  readonly names?: PromptNames;
}

/** A context that would fit if it were cut. */
export class LongContextError extends UsageError {}

export class Prompts {
  /** The ids of the prompt without context. */
  readonly alone: number[];
  readonly #inputs: Required<PromptInputs>;

  /** @throws UsageError where the question, or the tokens to come, leave no room for a context */
  constructor(inputs: PromptInputs) {
    const { tokenizer, template, question, room, names = COMMAND_LINE } = inputs;
    this.#inputs = { ...inputs, names };
    const [alone] = nbcePrompts(template, [], question);
    this.alone = at(names.question, () => Array.from(tokenizer.encode(alone)), UsageError);
    if (this.alone.length === 0)
      throw new UsageError(
        `${names.question}: must hold at least one token, got ${JSON.stringify(question)}`,
      );
    if (room <= 0)
      throw new UsageError(
        `${names.maxTokens}: must leave room for the question and a context, ask for at least ${this.alone.length + 1 - room} tokens fewer`,
      );
    if (this.alone.length >= room)
      throw new UsageError(
        `${names.question}: must leave room for a context, got ${this.alone.length} tokens of ${room} beside those to come; shorten it, or ask for fewer with ${names.maxTokens}`,
      );
  }

  /**
   * @throws UsageError for a context without tokens, or with tokens that the model does not know; LongContextError where they are too many
   */
  row({ name, text }: Context): number[] {
    const { room, names } = this.#inputs;
    this.#encode({ name, text });
    const ids = this.#prompt(text);
    if (ids.length <= room) return ids;
    throw new LongContextError(
      `${name}: its prompt must leave room for the tokens to come, has ${ids.length} of at most ${room} tokens, ${ids.length - room} too many; ${names.split} cuts it into pieces that fit, ${names.maxTokens} asks for fewer`,
    );
  }

  /** The context, or its pieces where it does not fit. */
  split(context: Context): Context[] {
    const { tokenizer, room } = this.#inputs;
    const ids = this.#encode(context);
    if (this.#prompt(context.text).length <= room) return [context];
    // Tokens that are parts of words may be more when a piece is read by itself: then pieces are made smaller.
    for (let size = room - this.alone.length; ; size -= 1) {
      const texts = splitTokens(ids, size).map((piece) => tokenizer.decode(piece));
      if (size > 1 && texts.some((text) => this.#prompt(text).length > room)) continue;
      return texts.map((text, i) => ({ name: `${context.name} (${i + 1} of ${texts.length})`, text }));
    }
  }

  #prompt(context: string): number[] {
    const { tokenizer, template, question } = this.#inputs;
    const [, prompt = ""] = nbcePrompts(template, [context], question);
    return Array.from(tokenizer.encode(prompt));
  }

  #encode({ name, text }: Context): number[] {
    const ids = at(name, () => Array.from(this.#inputs.tokenizer.encode(text)), UsageError);
    if (text === "" || ids.length === 0)
      throw new UsageError(`${name}: a context must hold at least one token, got none`);
    return ids;
  }
}
