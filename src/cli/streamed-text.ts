// Text as it comes, token by token: what each token adds to it.
import type { Tokenizer } from "../data/tokenizer";

/** What decoders put for the first bytes of a character whose last ones are still to come. */
const UNFINISHED = "\uFFFD";

export class StreamedText {
  readonly ids: number[] = [];
  readonly #tokenizer: Pick<Tokenizer, "decode">;
  readonly #start: readonly number[];
  /** Characters of the start. */
  readonly #before: number;
  #text = "";
  #unfinished = false;

  /** @param start what the text continues: words are spaced by what stands before them */
  constructor(tokenizer: Pick<Tokenizer, "decode">, start: ArrayLike<number> = []) {
    this.#tokenizer = tokenizer;
    this.#start = Array.from(start);
    this.#before = tokenizer.decode(this.#start).length;
  }

  /** All of it so far, without a character of which bytes are missing; with it, after the end. */
  get text(): string {
    return this.#text;
  }

  /** Whether the last character is held back: bytes of it are missing. */
  get unfinished(): boolean {
    return this.#unfinished;
  }

  /** What a further token adds, with all that was held back: nothing as long as the last character is not whole. */
  add(id: number): string {
    this.ids.push(id);
    const longer = this.#decoded();
    this.#unfinished = longer.endsWith(UNFINISHED);
    return this.#unfinished ? "" : this.#grow(longer);
  }

  /** No token comes any more: what was held back. */
  end(): string {
    this.#unfinished = false;
    return this.#grow(this.#decoded());
  }

  #decoded(): string {
    return this.#tokenizer.decode([...this.#start, ...this.ids]).slice(this.#before);
  }

  #grow(longer: string): string {
    const added = longer.slice(this.#text.length);
    this.#text = longer;
    return added;
  }
}
