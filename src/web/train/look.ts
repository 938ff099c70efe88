// What is looked at while a model trains in the tab: its attention on a piece of the held-out text, how spread out each head is, and how far it
// is an induction head.
import { asShares, attentionPatterns, headName, meanEntropy, prefixMatching } from "../../analysis";
import { watchAttention } from "../../cli/watch";
import type { NamedCorpus } from "../../data/named-corpus";
import type { Model } from "../../models";
import { pack } from "../../report/attention";
import type { ViewerData } from "../../report/viewer-data";
import { rng } from "../../tensor/rng";
import type { Look } from "./protocol";

/** Of the random tokens that induction is measured on, the same for every run. */
const PROBE_SEED = 5;
const REPEATS = 4;

/** Random tokens, again and again (Olsson et al. 2022): as many repeats as there, in as much of the context as they fill. */
export function inductionProbe(vocabulary: number, context: number): Int32Array {
  const period = Math.max(1, Math.min(vocabulary, Math.floor(context / REPEATS)));
  const all = Array.from({ length: vocabulary }, (_, id) => id);
  const block = rng(PROBE_SEED).shuffle(all).slice(0, period);
  return Int32Array.from({ length: Math.min(context, period * REPEATS) }, (_, at) => block[at % period]!);
}

/** The scores of all heads now; of models without weights there are none. */
export function lookAt(step: number, model: Model): Look {
  const tokens = inductionProbe(model.config.vocabulary, model.config.context);
  const T = tokens.length;
  const heads = attentionPatterns(model, tokens)
    .map((pattern) => ({ ...pattern, weights: asShares(pattern.weights, T) }))
    .filter(({ weights }) => weights.every(Number.isFinite));
  return {
    step,
    heads: heads.map(({ weights, ...place }) => ({
      name: headName(place),
      entropy: meanEntropy(weights, T),
      induction: prefixMatching(weights, tokens),
    })),
  };
}

/** The maps of all heads on a piece of the held-out text; nothing where there are none. */
export function headMaps(model: Model, corpus: NamedCorpus): ViewerData | undefined {
  const maps = watchAttention(model, corpus);
  return maps.heads.length > 0 ? pack(maps) : undefined;
}
