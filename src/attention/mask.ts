// Which sources a token may attend to.

export interface Mask {
  /** Whether the token at `query` sees the one at `source`, both counted from the start of the sequence. */
  allowed(query: number, source: number): boolean;
  /** How the fused kernel is told; absent when it cannot do this mask. */
  readonly fused?: { readonly causal: boolean };
}

export const masks = {
  /** Itself and what came before. */
  causal: { allowed: (query, source) => source <= query, fused: { causal: true } },
  /** Everything. */
  bidirectional: { allowed: () => true, fused: { causal: false } },
} as const satisfies Record<string, Mask>;

export type MaskName = keyof typeof masks;
