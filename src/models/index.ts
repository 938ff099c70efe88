// The registry of models: what `--model` accepts, and what a saved model is made again by.
import { type Gau, gau } from "./gau";
import { type Gpt, gpt } from "./gpt";

export const models = { gpt, gau } as const;

export type ModelName = keyof typeof models;
export type Model = Gpt | Gau;
