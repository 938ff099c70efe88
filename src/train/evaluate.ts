// The loss of a model over a whole split of tokens.
import { IGNORED, sequentialWindows } from "../data/batches";
import { exp } from "../math/exp";
import type { LanguageModel } from "../models/model";
import { tokenLosses } from "../ops/crossentropy";
import { kernels } from "../runtime/instance";
import { ids, scope } from "../tensor/tensor";

export interface Evaluation {
  /** Mean over all predictions. */
  readonly natsPerToken: number;
  readonly perplexity: number;
  /** Predictions counted: all tokens but the first. */
  readonly tokens: number;
}

export interface EvaluateOptions {
  /** Tokens before a prediction at most; the default is the model's context. */
  readonly context?: number;
  /** Windows at once. */
  readonly batch?: number;
  readonly onProgress?: (done: number, of: number) => void;
}

/**
 * Predicts every token but the first once, in consecutive windows without overlap, as nanoGPT's estimate does on average.
 *
 * @throws Error for fewer than two tokens
 */
export function evaluate(
  model: LanguageModel,
  tokens: Int32Array,
  options: EvaluateOptions = {},
): Evaluation {
  const { context = model.config.context, batch = 8, onProgress } = options;
  let sum = 0;
  let counted = 0;
  for (const { inputs, targets: all } of sequentialWindows(tokens, { batch, context })) {
    const targets = all.map((target, i) => (i % context < model.firstPrediction ? IGNORED : target));
    const shape = [batch, context];
    sum += scope(() => {
      const { losses } = tokenLosses(model.logits(ids(inputs, shape)), ids(targets, shape));
      return kernels().ssum(losses.ptr, losses.size);
    });
    counted += targets.reduce((count, target) => count + (target === IGNORED ? 0 : 1), 0);
    onProgress?.(counted, tokens.length - 1);
  }
  const natsPerToken = sum / counted;
  return { natsPerToken, perplexity: exp(natsPerToken), tokens: counted };
}
