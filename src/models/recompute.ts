// Decoding for models without a cache: the state keeps the tokens, and every token reads all of them again. For small models of research.
import type { RunOptions } from "../nn/run";
import { lastToken } from "../ops/view";
import { expectShape } from "../tensor/shape";
import { ids, integers, type Tensor } from "../tensor/tensor";
import type { DecodeState } from "./model";

export class RecomputeState implements DecodeState {
  /** Ids of each sequence so far. */
  readonly sequences: number[][];

  constructor(batch: number) {
    this.sequences = Array.from({ length: batch }, () => []);
  }

  get length(): number {
    return this.sequences[0]?.length ?? 0;
  }

  release(): void {}
}

/** Adds tokens [B, T] to the state and gives the logits after the last, [B, V]. */
export function recompute(
  model: { logits(ids: Tensor, options?: RunOptions): Tensor },
  tokens: Tensor,
  state: RecomputeState,
  options?: RunOptions,
): Tensor {
  const batch = state.sequences.length;
  const { T } = expectShape("recompute", "ids", tokens, [batch, "T"]);
  const values = integers(tokens);
  for (const [b, sequence] of state.sequences.entries())
    sequence.push(...values.subarray(b * T, (b + 1) * T));
  return lastToken(model.logits(ids(state.sequences.flat(), [batch, state.length]), options));
}
