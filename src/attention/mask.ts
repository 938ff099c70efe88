// Which sources a token may attend to, by where both stand. Padding is not here: it comes with each run.
import type { AttentionOptions } from "../ops/attention-terms";

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
  /** Whether it shows all of the past, or all: what a running sum can do. */
  readonly sums?: "past" | "all";
  /** How the fused kernel is told; absent when it cannot do this mask. */
  fused?(place: Pick<MaskPlace, "window">): Pick<AttentionOptions, "causal" | "window">;
}

const lower = (query: number, source: number): boolean => source <= query;
const upperWithin = (prefix: number, query: number, source: number): boolean =>
  source >= query && source < prefix;

export const masks = {
  causal: {
    what: "itself and what came before",
    allowed: lower,
    hidesFuture: "always",
    sums: "past",
    fused: () => ({ causal: true }),
  },
  bidirectional: {
    what: "everything",
    allowed: () => true,
    hidesFuture: "never",
    sums: "all",
    fused: () => ({ causal: false }),
  },
  prefix: {
    what: "everything in the prefix, from then on what came before (Dong et al. 2019, UniLM, arXiv:1905.03197)",
    allowed: (query, source, { prefix }) => source <= Math.max(query, prefix - 1),
    hidesFuture: "after-prefix",
  },
  "prefix-alternating-layers": {
    what: "in the prefix what came before in even layers, what comes after in odd ones; from then on what came before",
    allowed: (query, source, { layer, prefix }) =>
      layer % 2 === 0 || query >= prefix ? lower(query, source) : upperWithin(prefix, query, source),
    hidesFuture: "after-prefix",
  },
  "prefix-half-heads": {
    what: "in the prefix what came before in the first half of the heads, what comes after in the others; from then on what came before",
    allowed: (query, source, { head, heads, prefix }) =>
      2 * head < heads || query >= prefix ? lower(query, source) : upperWithin(prefix, query, source),
    hidesFuture: "after-prefix",
    perHead: true,
  },
  "sliding-window": {
    what: "itself and the last window - 1 tokens",
    allowed: (query, source, { window }) => lower(query, source) && query - source < window,
    hidesFuture: "always",
    fused: ({ window }) => ({ causal: true, window: { before: window - 1 } }),
  },
  "centred-window": {
    what: "the tokens at most (window - 1) / 2 away on either side",
    allowed: (query, source, { window }) => 2 * Math.abs(query - source) <= window - 1,
    hidesFuture: "never",
    fused: ({ window }) => {
      const reach = Math.floor((window - 1) / 2);
      return { causal: false, window: { before: reach, after: reach } };
    },
  },
  "alternating-layers": {
    what: "what came before in even layers, what comes after in odd ones (Su 2023, kexue.fm/archives/9529)",
    allowed: (query, source, { layer }) => (layer % 2 === 0 ? source <= query : source >= query),
    hidesFuture: "never",
  },
  "half-heads": {
    what: "what came before in the first half of the heads, what comes after in the others (Su 2023, kexue.fm/archives/9529)",
    allowed: (query, source, { head, heads }) => (2 * head < heads ? source <= query : source >= query),
    hidesFuture: "never",
    perHead: true,
  },
} as const satisfies Record<string, Mask>;

export type MaskName = keyof typeof masks;
