// The registry of models: what `--model` accepts, and what a saved model is made again by.
import { type AttentionOnly, attentionOnly } from "./attention-only";
import { type Gau, gau } from "./gau";
import { type Gpt, gpt } from "./gpt";

export const models = { gpt, gau, "attention-only": attentionOnly } as const;

export type ModelName = keyof typeof models;
export type Model = Gpt | Gau | AttentionOnly;
