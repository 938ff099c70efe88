// Scaled dot-product attention: a token asks with a query, every source answers with its key.
import { Linear } from "../nn/linear";
import { attention, attentionWeights } from "../ops/attention";
import type { AttentionOptions } from "../ops/attention-terms";
import { reshape } from "../ops/view";
import type { Tensor } from "../tensor/tensor";
import { RowCache } from "./cache";
import { compare, keyShares, placed } from "./compare";
import type { FusedTerms, Mixed, ScoreContext, Scorer, ScorerConfig, ScoreVariant } from "./scorer";

class DotProduct implements Scorer {
  readonly query: Linear;
  readonly key: Linear;
  /** Of smeared keys. */
  readonly shares?: Tensor; // [G]
  readonly #config: ScorerConfig;

  constructor(config: ScorerConfig) {
    const { width, heads, keyHeads, headWidth, bias, deviation, options, rng } = config;
    this.query = new Linear(width, heads * headWidth, { bias, deviation, rng: rng.fork("query") });
    this.key = new Linear(width, keyHeads * headWidth, { bias, deviation, rng: rng.fork("key") });
    const shares = keyShares(options, keyHeads);
    if (shares) this.shares = shares;
    this.#config = config;
  }

  createState(batch: number, capacity: number): RowCache {
    return new RowCache(batch, capacity, this.#config.keyHeads, this.#config.headWidth);
  }

  scores(x: Tensor, context: ScoreContext): Tensor {
    const { q, k } = this.#project(x, context);
    return compare(q, k, this.#config.scale, context, this.shares);
  }

  mix(x: Tensor, values: Tensor, terms: FusedTerms, context: ScoreContext): Mixed {
    const raw = this.#project(x, context);
    const { q, k, sources } = placed(raw.q, raw.k, context, this.shares);
    const options: AttentionOptions = { ...terms, scale: this.#config.scale, sources };
    const { mixed, lse } = attention(q, k, values, options);
    return { mixed, weights: (head) => attentionWeights(q, k, lse, options, head) };
  }

  #project(x: Tensor, { keyed = x }: ScoreContext): { q: Tensor; k: Tensor } {
    const { heads, keyHeads, headWidth } = this.#config;
    const [B, T] = x.shape as [number, number, number]; // checked by the layer
    return {
      q: reshape(this.query.apply(x), [B, T, heads, headWidth]),
      k: reshape(this.key.apply(keyed), [B, T, keyHeads, headWidth]),
    };
  }
}

export const dotProduct: ScoreVariant = {
  paper: "Vaswani et al. 2017, Attention Is All You Need, arXiv:1706.03762",
  hasKeys: true,
  absolute: false,
  hasScores: true,
  create: (config) => new DotProduct(config),
};
