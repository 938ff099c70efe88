// The registry of attention variants: what `--attention` accepts.
import { dotProduct } from "./dot-product";
import type { Variant } from "./scorer";

export const attentions = {
  "dot-product": dotProduct,
} as const satisfies Record<string, Variant>;

export type AttentionName = keyof typeof attentions;
