// A model of any kind from its kind and configuration, as a file or a command line gives them.
import type { Rng } from "../tensor/rng";
import type { Model } from ".";
import { attentionOnly } from "./attention-only";
import { attentionOnlyConfig, type GivenAttentionOnly } from "./attention-only-config";
import { type GptConfig, gptConfig } from "./config";
import { gau } from "./gau";
import { type GivenGau, gauConfig } from "./gau-config";
import { gpt } from "./gpt";

/** A kind with its own configuration, perhaps without what has defaults. */
export type Described =
  | { readonly kind: "gpt"; readonly config: Partial<GptConfig> & Pick<GptConfig, "vocabulary"> }
  | { readonly kind: "gau"; readonly config: GivenGau }
  | { readonly kind: "attention-only"; readonly config: GivenAttentionOnly };

/** @throws Error when the configuration is not sound */
export function makeModel(described: Described, rng: Rng): Model {
  switch (described.kind) {
    case "gpt":
      return gpt(described.config, rng);
    case "gau":
      return gau(described.config, rng);
    case "attention-only":
      return attentionOnly(described.config, rng);
  }
}

/** @throws Error when the configuration is not sound */
export function completed({ kind, config }: Described): Described {
  switch (kind) {
    case "gpt":
      return { kind, config: gptConfig(config) };
    case "gau":
      return { kind, config: gauConfig(config) };
    case "attention-only":
      return { kind, config: attentionOnlyConfig(config) };
  }
}
