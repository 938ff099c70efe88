// The families of models that are read and written.
import type { Family } from "./family";
import { gptNeox } from "./gpt-neox";
import { gpt2 } from "./gpt2";
import { llama } from "./llama";

export const families = { gpt2, "gpt-neox": gptNeox, llama } as const satisfies Record<string, Family>;
