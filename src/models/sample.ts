// From logits to a token: temperature, top-k, top-p, then one draw.
import { exp } from "../math/exp";
import type { Rng } from "../tensor/rng";

export interface SampleOptions {
  /** 0 takes the likeliest token; 1 samples as the model says. */
  readonly temperature?: number;
  /** Only the k likeliest tokens. */
  readonly topK?: number;
  /** Only the likeliest tokens that together reach this probability (Holtzman et al. 2020, arXiv:1904.09751). */
  readonly topP?: number;
}

export function checkSampling({ temperature = 1, topK = 1, topP = 1 }: SampleOptions): void {
  if (!(temperature >= 0)) throw new Error(`sample: temperature must be at least 0, got ${temperature}`);
  if (!(Number.isInteger(topK) && topK >= 1))
    throw new Error(`sample: topK must be a whole number of at least 1, got ${topK}`);
  if (!(topP > 0 && topP <= 1)) throw new Error(`sample: topP must be in (0, 1], got ${topP}`);
}

/** @param logits one row [V] */
export function sample(logits: ArrayLike<number>, options: SampleOptions, rng: Rng): number {
  const { temperature = 1, topK = logits.length, topP = 1 } = options;
  const wrong = Array.from(logits).findIndex((logit) => !(logit < Number.POSITIVE_INFINITY));
  if (wrong >= 0)
    throw new Error(`sample: logits must be numbers below infinity, got ${logits[wrong]} for token ${wrong}`);
  const order = Array.from(logits, (_, id) => id).sort((a, b) => logits[b]! - logits[a]! || a - b);
  const best = order[0];
  if (best === undefined || logits[best] === Number.NEGATIVE_INFINITY)
    throw new Error("sample: at least one logit must be finite, got none");
  if (temperature === 0) return best;
  const kept = order.slice(0, topK);
  const weights = kept.map((id) => exp((logits[id]! - logits[best]!) / temperature));
  const nucleus = topP < 1 ? weights.slice(0, nucleusSize(weights, topP)) : weights;
  return kept[rng.weighted(nucleus)]!; // weighted gives an index below nucleus.length
}

/** How many of the descending weights reach the share `topP` of their sum. */
function nucleusSize(weights: readonly number[], topP: number): number {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let sum = 0;
  const last = weights.findIndex((weight) => {
    sum += weight;
    return sum >= topP * total;
  });
  return last < 0 ? weights.length : last + 1;
}
