// What is looked at while a model trains: the loss on the start of the held-out split, and its attention on a piece of it.
import { asShares, meanEntropy } from "../analysis/entropy";
import { type AttentionPattern, attentionPatterns } from "../analysis/probe";
import { type NamedCorpus, opening } from "../data/named-corpus";
import type { Model } from "../models";
import { evaluate } from "../train/evaluate";
import { DivergedError } from "../train/trainer";
import type { EvaluationMetrics } from "./run-description";

const WATCHED_TOKENS = 64;
const EVALUATED_TOKENS = 4096;

export interface Attention {
  readonly tokens: readonly string[];
  readonly heads: readonly AttentionPattern[];
}

/** Weights as shares of their row, whatever normalises them. Heads whose logits have grown beyond what float32 can turn into probabilities are left out. */
export function watchAttention(model: Model, corpus: NamedCorpus): Attention {
  const ids = opening(corpus, Math.min(WATCHED_TOKENS, model.config.context));
  return {
    tokens: Array.from(ids, (id) => corpus.tokenizer.token(id)),
    heads: attentionPatterns(model, ids)
      .map((pattern) => ({ ...pattern, weights: asShares(pattern.weights, ids.length) }))
      .filter(({ weights }) => weights.every((weight) => weight >= 0 && weight < Number.POSITIVE_INFINITY)),
  };
}

/** @throws DivergedError when the loss is not a number */
export function watch(step: number, model: Model, corpus: NamedCorpus): EvaluationMetrics {
  const { natsPerToken } = evaluate(model, corpus.heldOut.subarray(0, EVALUATED_TOKENS + 1));
  if (!Number.isFinite(natsPerToken)) throw new DivergedError(step + 1, "the held-out loss");
  const { tokens, heads } = watchAttention(model, corpus);
  const entropy = heads.map(({ layer, head, weights }) => ({
    layer,
    head,
    entropy: meanEntropy(weights, tokens.length),
  }));
  return { step, heldOut: natsPerToken, entropy };
}
