// Scaled dot-product attention: a token asks with a query, every source answers with its key.
import { Linear } from "../nn/linear";
import { type AttentionOptions, attention, attentionWeights } from "../ops/attention";
import { queryKey } from "../ops/attention-products";
import { reshape } from "../ops/view";
import type { Tensor } from "../tensor/tensor";
import type { Mixed, ScoreContext, Scorer, ScorerConfig, Variant } from "./scorer";

class DotProduct implements Scorer {
  readonly query: Linear;
  readonly key: Linear;
  readonly #config: ScorerConfig;

  constructor(config: ScorerConfig) {
    const { width, heads, keyHeads, headWidth, bias, deviation, rng } = config;
    this.query = new Linear(width, heads * headWidth, { bias, deviation, rng: rng.fork("query") });
    this.key = new Linear(width, keyHeads * headWidth, { bias, deviation, rng: rng.fork("key") });
    this.#config = config;
  }

  get cacheShape() {
    return { heads: this.#config.keyHeads, width: this.#config.headWidth };
  }

  scores(x: Tensor, context: ScoreContext): Tensor {
    const { q, k, sources } = this.#project(x, context);
    return queryKey(q, k, this.#config.scale, sources);
  }

  mix(x: Tensor, values: Tensor, { causal }: { causal: boolean }, context: ScoreContext): Mixed {
    const { q, k, sources } = this.#project(x, context);
    const options: AttentionOptions = { scale: this.#config.scale, causal, sources };
    const { mixed, lse } = attention(q, k, values, options);
    return { mixed, weights: () => attentionWeights(q, k, lse, options) };
  }

  /** Queries [B, T, H, D], and keys [B, >=sources, G, D] with the past ones before them. */
  #project(
    x: Tensor,
    { run, position, past, cache }: ScoreContext,
  ): { q: Tensor; k: Tensor; sources: number } {
    const { heads, keyHeads, headWidth } = this.#config;
    const [B, T] = x.shape as [number, number, number]; // checked by the layer
    const place = (name: string, projected: Tensor, count: number) => {
      const split = run.tap(name, reshape(projected, [B, T, count, headWidth]));
      return position.rotate?.(split, past) ?? split;
    };
    const q = place("query", this.query.apply(x), heads);
    const k = place("key", this.key.apply(x), keyHeads);
    if (!cache) return { q, k, sources: T };
    cache.append(k);
    return { q, k: cache.rows, sources: cache.length };
  }
}

export const dotProduct: Variant = {
  paper: "Vaswani et al. 2017, Attention Is All You Need, arXiv:1706.03762",
  create: (config) => new DotProduct(config),
};
