// Token by token: the model continues a prompt, each step one row over the cached past.
import type { Rng } from "../tensor/rng";
import { floats, ids, scope } from "../tensor/tensor";
import type { DecodeState, LanguageModel } from "./model";
import { checkSampling, type SampleOptions, sample } from "./sample";

export interface GenerateOptions extends SampleOptions {
  readonly maxTokens: number;
  /** Tokens that end the text; they are not yielded. */
  readonly stop?: ReadonlySet<number>;
  readonly rng: Rng;
}

/**
 * Yields the ids that continue `prompt`. When the context is full it goes on from its later half.
 *
 * @throws Error on an empty prompt, on ids outside of the vocabulary, and on sampling options out of range
 */
export function* generate(
  model: LanguageModel,
  prompt: ArrayLike<number>,
  options: GenerateOptions,
): Generator<number, void> {
  const { maxTokens, rng } = options;
  const { context } = model.config;
  if (prompt.length === 0) throw new Error("generate: the prompt must hold at least one token, got none");
  if (!(Number.isInteger(maxTokens) && maxTokens >= 0)) {
    throw new Error(`generate: maxTokens must be a whole number of at least 0, got ${maxTokens}`);
  }
  checkSampling(options);
  const tokens = Array.from(prompt);
  const capacity = Math.min(context, tokens.length + maxTokens);
  let state: DecodeState | undefined;
  let fresh = tokens.slice(-context);
  try {
    for (let made = 0; made < maxTokens; made++) {
      if (!state || state.length + fresh.length > context) {
        fresh = state ? tokens.slice(-Math.ceil(context / 2)) : fresh;
        state?.release();
        state = model.createState(1, capacity);
      }
      const active = state;
      const token = scope(() =>
        sample(floats(model.next(ids(fresh, [1, fresh.length]), active)), options, rng),
      );
      if (options.stop?.has(token)) return;
      tokens.push(token);
      fresh = [token];
      yield token;
    }
  } finally {
    state?.release();
  }
}
