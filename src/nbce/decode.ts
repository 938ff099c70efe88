// NBCE token by token: all rows read their prompts, then every token that is chosen goes to all of them.
import { checkSampling, sample } from "../models/sample";
import { rng as makeRng, type Rng } from "../tensor/rng";
import type { LogitsSource, ReadRows } from "./source";
import { checkOptions, type NbceOptions, type NbceState, type NbceStep, nbceStep } from "./step";

export interface NbceDecodeOptions extends NbceOptions {
  readonly maxTokens: number;
  /** Tokens that end the text; they are not yielded. */
  readonly stop?: ReadonlySet<number> | undefined;
  /** 0, the default, takes the likeliest token; 1 samples as the contexts say. */
  readonly temperature?: number | undefined;
  /** For temperatures above 0. */
  readonly rng?: Rng | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A token, and who said it. */
export interface NbceToken extends Pick<NbceStep, "chosen" | "entropies" | "weights"> {
  readonly id: number;
  /** ln p of the token before temperature. */
  readonly logProbability: number;
}

/**
 * Yields the tokens that follow the question, in view of all contexts.
 *
 *     for await (const { id, chosen } of nbce(modelSource(model), [question, ...withContext], { maxTokens: 64 })) ...
 *
 * @param rows token ids: the prompt without context first, then one prompt for each context; without contexts this is plain decoding
 * @throws Error for empty rows, rows that do not fit the source, and options out of range; the signal's reason once it is aborted
 */
export async function* nbce(
  source: LogitsSource,
  rows: readonly (readonly number[])[],
  options: NbceDecodeOptions,
): AsyncGenerator<NbceToken, void> {
  const { maxTokens, stop, temperature = 0, rng = makeRng(1), signal } = options;
  check(source, rows, options);
  if (maxTokens === 0) return;
  signal?.throwIfAborted();
  let read: ReadRows = await source.prefill(rows, maxTokens, signal);
  const made: number[] = [];
  let { logits } = read;
  let state: NbceState = {};
  try {
    for (;;) {
      signal?.throwIfAborted();
      if (logits.length !== rows.length)
        throw new Error(
          `nbce: the source must give logits for each of ${rows.length} rows, got ${logits.length}`,
        );
      const {
        scores,
        logProbabilities,
        chosen,
        entropies,
        weights,
        state: next,
      } = nbceStep(logits, state, options);
      const id = sample(scores, { temperature }, rng);
      if (stop?.has(id)) return;
      made.push(id);
      yield { id, chosen, entropies, weights, logProbability: logProbabilities[id]! }; // id is of the vocabulary
      if (made.length === maxTokens) return;
      signal?.throwIfAborted();
      state = next;
      if (read.step) logits = await read.step(id, signal);
      else {
        await read.release?.();
        read = { logits }; // nothing to release should the next one fail
        read = await source.prefill(
          rows.map((row) => [...row, ...made]),
          maxTokens - made.length,
          signal,
        );
        logits = read.logits;
      }
    }
  } finally {
    await read.release?.();
  }
}

function check(
  { context = Number.POSITIVE_INFINITY }: LogitsSource,
  rows: readonly (readonly number[])[],
  options: NbceDecodeOptions,
): void {
  const { maxTokens, temperature } = options;
  checkOptions(options, rows.length - 1);
  checkSampling(temperature === undefined ? {} : { temperature });
  if (!(Number.isInteger(maxTokens) && maxTokens >= 0))
    throw new Error(`nbce: maxTokens must be a whole number of at least 0, got ${maxTokens}`);
  for (const [r, { length }] of rows.entries()) {
    const name =
      r === 0 ? "the prompt without context" : `the prompt with context ${r} of ${rows.length - 1}`;
    if (length === 0)
      throw new Error(
        `nbce: ${name} must hold at least one token; keep the question, or a token that begins texts`,
      );
    const over = length + maxTokens - context;
    if (over > 0)
      throw new Error(
        `nbce: ${name} and ${maxTokens} new tokens must fit ${context} positions, got ${length} and so ${over} too many; split the context, or ask for fewer tokens`,
      );
  }
}
