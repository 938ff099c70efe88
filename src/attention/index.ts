// The registry of attention variants: what `--attention` accepts.

import { linearElu, linearExp } from "./linear";
import { mixture } from "./mixture";
import type { Variant } from "./scorer";
import { scorers } from "./scorers";

export const attentions = {
  ...scorers,
  mixture,
  "linear-elu": linearElu,
  "linear-exp": linearExp,
} as const satisfies Record<string, Variant>;

export type AttentionName = keyof typeof attentions;
