// Text on the way out, token by token.
import type { Tokenizer } from "../data/tokenizer";
import type { Output } from "../terminal/output";

/** What decoders put for the first bytes of a character whose last ones are still to come. */
const UNFINISHED = "\uFFFD";

export class StreamedText {
  readonly ids: number[] = [];
  readonly #tokenizer: Pick<Tokenizer, "decode">;
  readonly #output: Output;
  readonly #start: readonly number[];
  /** Characters of the start. */
  readonly #before: number;
  #shown = "";

  /** @param start what the text continues: words are spaced by what stands before them */
  constructor(tokenizer: Pick<Tokenizer, "decode">, output: Output, start: ArrayLike<number> = []) {
    this.#tokenizer = tokenizer;
    this.#output = output;
    this.#start = Array.from(start);
    this.#before = tokenizer.decode(this.#start).length;
  }

  /** Shows what a further token adds, once its last character is whole. */
  add(id: number): void {
    this.ids.push(id);
    const longer = this.#decoded();
    if (!longer.endsWith(UNFINISHED)) this.#show(longer);
  }

  /** The whole text, all of it shown. */
  end(): string {
    this.#show(this.#decoded());
    return this.#shown;
  }

  #decoded(): string {
    return this.#tokenizer.decode([...this.#start, ...this.ids]).slice(this.#before);
  }

  #show(longer: string): void {
    this.#output.stream(longer.slice(this.#shown.length));
    this.#shown = longer;
  }
}
