// What is looked at while a model trains: the loss on the start of the held-out split, and its attention on a piece of it.
import { meanEntropy } from "../analysis/entropy";
import { type AttentionPattern, attentionPatterns } from "../analysis/probe";
import type { Model } from "../models";
import { evaluate } from "../train/evaluate";
import { type NamedCorpus, opening } from "./corpus";
import type { EvaluationMetrics } from "./run-folder";

const WATCHED_TOKENS = 48;
const EVALUATED_TOKENS = 4096;

export interface Attention {
  readonly tokens: readonly string[];
  readonly heads: readonly AttentionPattern[];
}

export function watchAttention(model: Model, corpus: NamedCorpus): Attention {
  const ids = opening(corpus, Math.min(WATCHED_TOKENS, model.config.context));
  return {
    tokens: Array.from(ids, (id) => corpus.tokenizer.token(id)),
    heads: attentionPatterns(model, ids),
  };
}

export function watch(step: number, model: Model, corpus: NamedCorpus): EvaluationMetrics {
  const { natsPerToken } = evaluate(model, corpus.heldOut.subarray(0, EVALUATED_TOKENS + 1));
  const { tokens, heads } = watchAttention(model, corpus);
  const entropy = heads.map(({ layer, head, weights }) => ({
    layer,
    head,
    entropy: meanEntropy(weights, tokens.length),
  }));
  return { step, heldOut: natsPerToken, entropy };
}
