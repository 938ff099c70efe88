// The factor on the attention logits.

export interface Scale {
  /** @param width channels of a head */
  factor(width: number): number;
}

export const scales = {
  /** 1 / sqrt(D) (Vaswani et al. 2017, arXiv:1706.03762, eq. 1). */
  "inverse-sqrt": { factor: (width) => 1 / Math.sqrt(width) },
  /** No scaling, as in T5, where the initialisation takes its place. */
  one: { factor: () => 1 },
} as const satisfies Record<string, Scale>;

export type ScaleName = keyof typeof scales;
