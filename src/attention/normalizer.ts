// From masked logits to attention weights.
import { softmax } from "../ops/softmax";
import type { Tensor } from "../tensor/tensor";

/** What a normaliser may ask about the rows of its logits. */
export interface NormalizerRows {
  /** Factors by how many sources a row sees. */
  perRow(f: (n: number) => number): Tensor;
  /** Tokens of a training sequence. */
  readonly trained: number;
}

export interface Normalizer {
  readonly what: string;
  /** Logits [B, H, T, S], -infinity where masked, to weights of the same shape. A row that is all masked gives zeros. */
  apply(logits: Tensor, rows: NormalizerRows): Tensor;
  /** Whether the fused kernel computes this. */
  readonly fused: boolean;
}

export const normalizers = {
  softmax: { what: "exp / sum of exp", apply: softmax, fused: true },
} as const satisfies Record<string, Normalizer>;

export type NormalizerName = keyof typeof normalizers;
