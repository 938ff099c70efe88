// The contract of an attention variant: it gives scores. Mask, normaliser, values and output are the outer layer's.
import type { Run } from "../nn/run";
import type { Rng } from "../tensor/rng";
import type { Tensor } from "../tensor/tensor";
import type { RowCache } from "./cache";
import type { Position } from "./position/position";

export interface ScorerConfig {
  readonly width: number;
  readonly heads: number;
  /** Key heads; query heads in groups share one. */
  readonly keyHeads: number;
  readonly headWidth: number;
  /** Tokens at most. */
  readonly context: number;
  readonly bias: boolean;
  readonly deviation: number;
  readonly scale: number;
  readonly rng: Rng;
}

export interface ScoreContext {
  readonly run: Run;
  readonly position: Position;
  /** Tokens before x, zero unless decoding. */
  readonly past: number;
  /** What the variant asked for with `cacheShape`, holding `past` tokens; absent unless decoding. */
  readonly cache?: RowCache;
}

/** Values that were mixed, and how they were: computed only when somebody asks. */
export interface Mixed {
  readonly mixed: Tensor; // [B, T, H, D]
  weights(): Tensor; // [B, H, T, S]
}

export interface Scorer {
  /** What decoding must keep of every past token, if anything. */
  readonly cacheShape?: { readonly heads: number; readonly width: number };
  /** Logits [B, H, T, S] of x [B, T, C] over the S = past + T tokens, before mask and normaliser. */
  scores(x: Tensor, context: ScoreContext): Tensor;
  /** The fused equivalent of scores, mask, softmax and values [B, >=S, G, D] in one. */
  mix?(x: Tensor, values: Tensor, mask: { readonly causal: boolean }, context: ScoreContext): Mixed;
}

/** A registry value: the paper, and how to make one. */
export interface Variant {
  readonly paper: string;
  create(config: ScorerConfig): Scorer;
}
