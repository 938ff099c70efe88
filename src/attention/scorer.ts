// The contract of an attention variant: it gives scores. Mask, normaliser, values and output are the outer layer's.
import type { Padding, Run } from "../nn/run";
import type { AttentionOptions } from "../ops/attention-terms";
import type { Rng } from "../tensor/rng";
import type { Tensor } from "../tensor/tensor";
import type { Options } from "./options";
import type { Places } from "./position/places";
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
  /** The constant factor on products of queries and keys. */
  readonly scale: number;
  readonly layer: number;
  readonly options: Options;
  readonly rng: Rng;
}

/** What decoding keeps of the past for a variant. */
export interface ScoreState {
  release(): void;
}

export interface ScoreContext {
  readonly run: Run;
  readonly position: Position;
  /** Of all sources, the past ones included. */
  readonly places: Places;
  /** Tokens before x, zero unless decoding. */
  readonly past: number;
  /** What keys are made of, [B, T, C], where that is not x. */
  readonly keyed?: Tensor;
  /** What the variant made with `createState`, holding `past` tokens; absent unless decoding. */
  readonly state?: ScoreState | undefined;
}

/** Values that were mixed, and how they were: computed only when somebody asks. */
export interface Mixed {
  readonly mixed: Tensor; // [B, T, H, D]
  weights(head?: number): Tensor; // [B, H, T, S], or [B, T, S] of one head
}

/** What the fused path does besides scale and softmax. */
export type FusedTerms = Omit<AttentionOptions, "scale" | "sources">;

export interface MixerTerms {
  readonly causal: boolean;
  readonly padding?: Padding | undefined;
}

interface Stateful {
  /** Memory of up to `capacity` tokens for decoding; absent where nothing must be kept. */
  createState?(batch: number, capacity: number): ScoreState;
}

export interface Scorer extends Stateful {
  /**
   * Logits [B, H, T, S] of x [B, T, C] over the S = past + T tokens, before scale per row, bias, mask and normaliser; [1, H, T, S]
   * where they are the same for all sequences. Made anew at each call, and not read again: weights may take their memory.
   */
  scores(x: Tensor, context: ScoreContext): Tensor;
  /** The fused equivalent of scores, mask, softmax and values [B, >=S, G, D] in one. */
  mix?(x: Tensor, values: Tensor, terms: FusedTerms, context: ScoreContext): Mixed;
}

/** Mixes without a matrix of scores: no logits, no weights, and no cache of values. */
export interface Mixer extends Stateful {
  /** x [B, T, C] and its values [B, T, G, D] give [B, T, H, D]. */
  mixAll(x: Tensor, values: Tensor, terms: MixerTerms, context: ScoreContext): Tensor;
}

/** A registry value: the paper, and how to make one. */
export interface Variant {
  readonly paper: string;
  /** Whether it compares queries with keys, which rotary and similar positions work on. */
  readonly hasKeys: boolean | ((options: Partial<Options>) => boolean);
  /** Whether its scores belong to positions counted from the start, which padding on the left would shift. */
  readonly absolute: boolean;
  /** Whether it gives scores; one that does not brings its own normaliser and takes no bias on scores. */
  readonly hasScores: boolean;
  create(config: ScorerConfig): Scorer | Mixer;
}

/** A variant that gives scores, and so may be a member of a mixture. */
export interface ScoreVariant extends Variant {
  readonly hasKeys: boolean;
  readonly hasScores: true;
  create(config: ScorerConfig): Scorer;
}
