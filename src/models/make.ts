// A model of any kind from its kind and configuration, as a file or a command line gives them.
import type { Rng } from "../tensor/rng";
import type { Model } from ".";
import { type GptConfig, gptConfig } from "./config";
import { gau } from "./gau";
import { type GauConfig, gauConfig } from "./gau-config";
import { gpt } from "./gpt";

/** A kind with its own configuration, perhaps without what has defaults. */
export type Described =
  | { readonly kind: "gpt"; readonly config: Partial<GptConfig> & Pick<GptConfig, "vocabulary"> }
  | { readonly kind: "gau"; readonly config: Partial<GauConfig> & Pick<GauConfig, "vocabulary"> };

/** @throws Error when the configuration is not sound */
export function makeModel(described: Described, rng: Rng): Model {
  return described.kind === "gpt" ? gpt(described.config, rng) : gau(described.config, rng);
}

/** @throws Error when the configuration is not sound */
export function completed({ kind, config }: Described): Described {
  return kind === "gpt" ? { kind, config: gptConfig(config) } : { kind, config: gauConfig(config) };
}
