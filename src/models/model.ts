// What every language model offers, so that training, generation and analysis need not know which one it is.
import type { RunOptions } from "../nn/run";
import type { Tensor } from "../tensor/tensor";

/** What can be trained. */
export interface Trainable {
  /** Mean loss in nats: ids and targets [B, T], targets below 0 ignored. */
  loss(ids: Tensor, targets: Tensor, options?: RunOptions): Tensor;
}

export interface LanguageModel extends Trainable {
  /** Its name in the registry of models. */
  readonly kind: string;
  readonly config: { readonly vocabulary: number; readonly context: number };
  /** The first token of a sequence whose next one is predicted without having been seen: 0 but for prefix masks. */
  readonly firstPrediction: number;
  /** The names of all places at which a run can be tapped, in the order of a run. */
  readonly tapPaths: readonly string[];
  /** Token ids [B, T] give next-token logits [B, T, V]. */
  logits(ids: Tensor, options?: RunOptions): Tensor;
  /** Mean next-token loss in nats: ids and targets [B, T], targets below 0 and before `firstPrediction` ignored. */
  loss(ids: Tensor, targets: Tensor, options?: RunOptions): Tensor;
  /** Memory of up to `capacity` past tokens, by default the context, for `batch` sequences; release it when done. */
  createState(batch: number, capacity?: number): DecodeState;
  /** Adds tokens [B, T] to the state and gives the logits after the last, [B, V]. Padding, on the left, comes with the first. */
  next(ids: Tensor, state: DecodeState, options?: RunOptions): Tensor;
}

export interface DecodeState {
  /** Tokens taken in. */
  readonly length: number;
  release(): void;
}
