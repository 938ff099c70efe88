// What a gau is made of: names and sizes, completed with defaults and checked once.
import { type NormalizerName, normalizers } from "../attention/normalizer";
import type { Options } from "../attention/options";
import { expectLegal } from "../attention/rules";
import type { ScaleName } from "../attention/scale";
import type { NormName } from "../nn/norm";
import { choices, completeConfig } from "./config";
import type { DecoderConfig } from "./decoder";

export interface GauConfig extends DecoderConfig {
  /** Channels of gate and values, e. */
  readonly innerWidth: number;
  /** Channels of queries and keys, s. */
  readonly keyWidth: number;
  readonly scale: ScaleName;
  readonly norm: NormName;
  readonly normEpsilon: number;
  /** Whether linear and norm layers have biases. */
  readonly bias: boolean;
  readonly normalizer: NormalizerName;
  /** Whether the norm comes before the unit or after the residual sum. */
  readonly placement: keyof typeof placements;
  readonly heads: 1;
  readonly kvHeads: 1;
}

export const placements = { pre: "x + unit(norm(x))", post: "norm(x + unit(x))" } as const;

export type GivenGau = Partial<GauConfig> & Pick<GauConfig, "vocabulary">;

/**
 * Completes and checks a configuration.
 * @throws Error `gau: rule, got value`
 */
export function gauConfig(given: GivenGau): GauConfig {
  const width = given.width ?? 64;
  const defaults: Omit<GauConfig, "vocabulary" | keyof Options> = {
    context: 64,
    width,
    layers: 4,
    heads: 1,
    kvHeads: 1,
    innerWidth: 2 * width,
    keyWidth: Math.min(128, width),
    position: "rope",
    index: "plain",
    scale: "inverse-sqrt",
    mask: "causal",
    normalizer: "relu2",
    norm: "layernorm",
    normEpsilon: 1e-5,
    placement: "pre",
    bias: false,
    tied: true,
    dropout: 0,
  };
  const { position, index, scale, mask, norm } = choices;
  const config: GauConfig = completeConfig("gau", given, defaults, {
    counts: { layers: 0, vocabulary: 1, context: 1, width: 1, innerWidth: 1, keyWidth: 1 },
    registries: { position, index, scale, mask, norm, normalizer: normalizers, placement: placements },
  });
  if (config.heads !== 1 || config.kvHeads !== 1)
    throw new Error(`gau: there is one head, got heads ${config.heads} and kvHeads ${config.kvHeads}`);
  // Its scores are products of queries and keys.
  expectLegal("gau", { ...config, attention: "dot-product" });
  return config;
}
