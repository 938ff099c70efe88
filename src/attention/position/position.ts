// The contract of position schemes: how a model learns where a token stands.
import type { Rng } from "../../tensor/rng";
import type { Tensor } from "../../tensor/tensor";

export interface PositionConfig {
  /** Positions at most. */
  readonly context: number;
  /** Channels of the residual stream, and of a head. */
  readonly width: number;
  readonly headWidth: number;
  readonly deviation: number;
  readonly rng: Rng;
}

/** Does its part in the places that it has methods for; a scheme may use several. Its own tensors are in the model's tree. */
export interface Position {
  /** [T, C] to add to the embeddings of the T tokens from position `offset` on. */
  embed?(tokens: number, offset: number): Tensor;
  /** Queries or keys [B, T, H, D], the first at position `offset`, with their positions worked in. */
  rotate?(x: Tensor, offset: number): Tensor;
}
