// What an attention-only model is made of: names and sizes, completed with defaults and checked once.
import type { AttentionName } from "../attention";
import type { NormalizerName } from "../attention/normalizer";
import type { Options } from "../attention/options";
import { positions } from "../attention/position";
import type { PositionScheme } from "../attention/position/position";
import { expectLegal } from "../attention/rules";
import type { ScaleName } from "../attention/scale";
import { choices, completeConfig, expectHeads } from "./config";
import type { DecoderConfig } from "./decoder";

export interface AttentionOnlyConfig extends DecoderConfig {
  readonly attention: AttentionName;
  readonly scale: ScaleName;
  readonly normalizer: NormalizerName;
}

export type GivenAttentionOnly = Partial<AttentionOnlyConfig> & Pick<AttentionOnlyConfig, "vocabulary">;

/** Relative biases are of a layer, and learn four times as fast as weights, unless the options say otherwise. */
const OPTIONS = { biasPer: "layer", biasFactor: 4 } as const;

/**
 * Completes and checks a configuration.
 * @throws Error `attention-only: rule, got value`
 */
export function attentionOnlyConfig(given: GivenAttentionOnly): AttentionOnlyConfig {
  const heads = given.heads ?? 4;
  const defaults: Omit<AttentionOnlyConfig, "vocabulary" | keyof Options> = {
    context: 64,
    width: 64,
    layers: 2,
    heads,
    kvHeads: heads,
    attention: "dot-product",
    position: "qk-learned",
    index: "plain",
    scale: "inverse-sqrt",
    mask: "causal",
    normalizer: "softmax",
    tied: false,
    dropout: 0,
  };
  const { attention, position, index, scale, mask, normalizer } = choices;
  const config: AttentionOnlyConfig = completeConfig("attention-only", { ...OPTIONS, ...given }, defaults, {
    counts: { layers: 0, vocabulary: 1, context: 1, width: 1, heads: 1, kvHeads: 1 },
    registries: { attention, position, index, scale, mask, normalizer },
  });
  expectHeads("attention-only", config);
  const scheme: PositionScheme = positions[config.position];
  if (scheme.residual) {
    const others = Object.entries<PositionScheme>(positions).flatMap(([name, { residual }]) =>
      residual ? [] : [name],
    );
    throw new Error(
      `attention-only: positions must stay out of the residual stream, which ${config.position} adds to; use one of ${others.join(", ")}`,
    );
  }
  expectLegal("attention-only", config);
  return config;
}
