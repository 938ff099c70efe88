// The contract of a family of models: how its settings and tensors are heed's.
import type { GptConfig } from "../../models/config";
import type { Layout } from "../layout";
import type { Json, Settings } from "../settings";

/** What all families are. */
export const dotProductDecoder = {
  attention: ["dot-product"],
  index: ["plain"],
  normalizer: ["softmax"],
} as const;

export interface Family {
  /** Model types of config.json that it reads. */
  readonly modelTypes: readonly string[];
  /** What may stand before the names of tensors, the usual first. */
  readonly prefixes: readonly string[];
  /** Names, without the prefix, of tensors that carry nothing learned: masks and tables that older programs kept. */
  readonly idle: RegExp;
  /**
   * heed's configuration, to be completed with defaults.
   * @throws Error `config.json: rule, got value`
   */
  config(settings: Settings): Partial<GptConfig> & Pick<GptConfig, "vocabulary">;
  /** Every stored tensor. */
  tensors(config: GptConfig, prefix: string): Iterable<Layout>;
  /** What settings may be for the family to hold a model; a setting that is not named may be anything. */
  readonly holds: { readonly [K in keyof GptConfig]?: readonly GptConfig[K][] };
  /** Whether query heads may share keys and values. */
  readonly grouped: boolean;
  /** Why the family cannot hold a configuration that it seems to. */
  refuses?(config: GptConfig): string | undefined;
  /** The family's settings for a configuration that it holds. */
  settings(config: GptConfig): Json;
}
