// From masked logits to attention weights.
import { softmax } from "../ops/softmax";
import type { Tensor } from "../tensor/tensor";

export interface Normalizer {
  /** Logits [B, H, T, S], -infinity where masked, to weights of the same shape. A row that is all masked gives zeros. */
  apply(logits: Tensor): Tensor;
  /** Whether the fused kernel computes this. */
  readonly fused: boolean;
}

export const normalizers = {
  softmax: { apply: softmax, fused: true },
} as const satisfies Record<string, Normalizer>;

export type NormalizerName = keyof typeof normalizers;
