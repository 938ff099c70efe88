// Which sources a token may attend to, by where both stand. Padding is not here: it comes with each run.

/** Where a mask is asked. */
export interface MaskPlace {
  readonly layer: number;
  readonly head: number;
  readonly heads: number;
  /** Sources that a window shows. */
  readonly window: number;
  /** Tokens that see one another. */
  readonly prefix: number;
}

export interface Mask {
  readonly what: string;
  /** Whether the token at `query` sees the one at `source`, both counted from the start of the sequence. */
  allowed(query: number, source: number, place: MaskPlace): boolean;
  /** From where on no token sees a later one: next tokens can be learned, and decoded, only from there. */
  readonly hidesFuture: "always" | "after-prefix" | "never";
  /** Whether heads differ. */
  readonly perHead?: true;
  /** How the fused kernel is told; absent when it cannot do this mask. */
  readonly fused?: { readonly causal: boolean };
}

export const masks = {
  causal: {
    what: "itself and what came before",
    allowed: (query, source) => source <= query,
    hidesFuture: "always",
    fused: { causal: true },
  },
  bidirectional: {
    what: "everything",
    allowed: () => true,
    hidesFuture: "never",
    fused: { causal: false },
  },
} as const satisfies Record<string, Mask>;

export type MaskName = keyof typeof masks;
