// The contract of position schemes: how a model learns where a token stands.
import type { Rng } from "../../tensor/rng";
import type { Tensor } from "../../tensor/tensor";
import type { Options } from "../options";

export interface PositionConfig {
  /** Positions at most: the context, or what an index strategy draws from. */
  readonly reach: number;
  /** Channels of the residual stream, and of a head. */
  readonly width: number;
  readonly headWidth: number;
  readonly heads: number;
  readonly keyHeads: number;
  readonly layers: number;
  /** Whether no token sees a later one. */
  readonly causal: boolean;
  readonly deviation: number;
  readonly options: Options;
  readonly rng: Rng;
}

/** Positions of tokens. */
export type At = Float64Array;

/** One of several ways to compare a query with a key, chosen by their distance. */
export interface Band {
  covers(distance: number): boolean;
  query(q: Tensor, at: At): Tensor;
  key(k: Tensor, at: At): Tensor;
}

/** Does its part in the places that it has methods for; a scheme may use several. Its own tensors are in the model's tree. */
export interface Position {
  /** [T, C] to add to the embeddings of T tokens. */
  embed?(at: At): Tensor;
  /** [T, C] to add to what queries and keys are made of, in every layer, and not to the values. */
  embedScores?(at: At): Tensor;
  /** Queries or keys [B, T, H, D] with their positions worked in. */
  rotate?(x: Tensor, at: At): Tensor;
  /** Instead of `rotate`: every pair of tokens is compared by the band that covers its distance. */
  readonly bands?: readonly Band[];
  /** Bias on the logits of a layer, [H, R], at R distances from source to query. */
  bias?(distances: Float64Array, layer: number): Tensor;
  /** Factor on the weights after the normaliser, [H, R]. */
  factor?(distances: Float64Array): Tensor;
}

/** A registry value. */
export interface PositionScheme {
  readonly what: string;
  /** Whether it adds to the residual stream, which then holds more than tokens and what layers wrote. */
  readonly residual?: true;
  /** Which positions it can tell apart: none, whole numbers (it looks them up), or any. */
  readonly tells: "nothing" | "whole" | "any";
  /** Whether positions count from the start of the tensor, which padding on the left would shift. */
  readonly absolute: boolean;
  /** What it needs of a variant: queries and keys to work on, scores to change, both, or neither. */
  readonly works: "alone" | "keys" | "scores" | "keys and scores";
  create(config: PositionConfig): Position;
}
