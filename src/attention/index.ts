// The registry of attention variants: what `--attention` accepts.
import { mixture } from "./mixture";
import type { Variant } from "./scorer";
import { scorers } from "./scorers";

export const attentions = { ...scorers, mixture } as const satisfies Record<string, Variant>;

export type AttentionName = keyof typeof attentions;
