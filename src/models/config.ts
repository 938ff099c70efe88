// What a gpt is made of: names and sizes, completed with defaults and checked once.
import { type AttentionName, attentions } from "../attention";
import { type MaskName, masks } from "../attention/mask";
import { type NormalizerName, normalizers } from "../attention/normalizer";
import { completeOptions, type Options, options } from "../attention/options";
import { type PositionName, positions } from "../attention/position";
import { type IndexName, indices } from "../attention/position/strategy";
import { expectLegal } from "../attention/rules";
import { type ScaleName, scales } from "../attention/scale";
import type { Biased } from "../nn/biases";
import { type MlpName, mlps } from "../nn/mlp";
import { type NormName, norms } from "../nn/norm";
import { type ActivationName, activations } from "../ops/activation";
import { type ResidualName, residuals } from "./residual";

export interface GptConfig extends Options {
  /** Tokens in the vocabulary, V. */
  readonly vocabulary: number;
  /** Tokens at most in one sequence. */
  readonly context: number;
  /** Channels of the residual stream, C. */
  readonly width: number;
  readonly layers: number;
  readonly heads: number;
  /** Key and value heads; fewer than `heads` is grouped-query attention. */
  readonly kvHeads: number;
  /** Channels inside an MLP. */
  readonly mlpWidth: number;
  readonly attention: AttentionName;
  readonly position: PositionName;
  /** Which positions tokens are given. */
  readonly index: IndexName;
  readonly scale: ScaleName;
  readonly mask: MaskName;
  readonly normalizer: NormalizerName;
  readonly norm: NormName;
  readonly normEpsilon: number;
  readonly activation: ActivationName;
  /** Whether the MLPs are gated. */
  readonly mlp: MlpName;
  /** Whether the MLP reads what attention has added. */
  readonly residual: ResidualName;
  /** Whether linear and norm layers have biases, or which of them. */
  readonly bias: Biased;
  /** Whether the unembedding is the token embedding. */
  readonly tied: boolean;
  /** Probability to drop a channel after the embedding and after each half of a block, while training. */
  readonly dropout: number;
}

type Given = Partial<GptConfig> & Pick<GptConfig, "vocabulary">;

/**
 * Completes and checks a configuration.
 * @throws Error `gpt: rule, got value`
 */
export function gptConfig(given: Given): GptConfig {
  const width = given.width ?? 64;
  const heads = given.heads ?? 4;
  const defaults: Omit<GptConfig, "vocabulary" | keyof Options> = {
    context: 64,
    width,
    layers: 2,
    heads,
    kvHeads: heads,
    mlpWidth: 4 * width,
    attention: "dot-product",
    position: "learned",
    index: "plain",
    scale: "inverse-sqrt",
    mask: "causal",
    normalizer: "softmax",
    norm: "layernorm",
    normEpsilon: 1e-5,
    activation: "gelu",
    mlp: "plain",
    residual: "sequential",
    bias: false,
    tied: true,
    dropout: 0,
  };
  const config: GptConfig = completeConfig("gpt", given, defaults, {
    counts: { layers: 0, vocabulary: 1, context: 1, width: 1, heads: 1, kvHeads: 1, mlpWidth: 1 },
    registries: choices,
  });
  expectHeads("gpt", config);
  expectLegal("gpt", config);
  return config;
}

/** @throws Error unless key heads divide heads, and heads the width */
export function expectHeads(place: string, sizes: Pick<GptConfig, "width" | "heads" | "kvHeads">): void {
  const { width, heads, kvHeads } = sizes;
  if (width % heads !== 0)
    throw new Error(`${place}: heads must divide width, got heads ${heads} and width ${width}`);
  if (heads % kvHeads !== 0)
    throw new Error(`${place}: kvHeads must divide heads, got kvHeads ${kvHeads} and heads ${heads}`);
}

/** The settings that all kinds of models have, as far as they are checked alike. */
interface Common extends Options {
  readonly vocabulary: number;
  readonly dropout: number;
}

export interface Checks {
  /** Whole numbers, with the smallest that each may be. */
  readonly counts: Readonly<Record<string, number>>;
  /** Names, with the registries that they are of. */
  readonly registries: Readonly<Record<string, object>>;
}

/**
 * Completes a configuration with defaults and with the options of the registries, and checks each setting by itself.
 * @throws Error `place: rule, got value`
 */
export function completeConfig<Config extends Common>(
  place: string,
  given: Partial<Config> & Pick<Config, "vocabulary">,
  defaults: Omit<Config, "vocabulary" | keyof Options>,
  { counts, registries }: Checks,
): Config {
  const known = ["vocabulary", ...Object.keys(defaults), ...Object.keys(options)];
  const unknown = Object.keys(given).find((key) => !known.includes(key));
  if (unknown !== undefined)
    throw new Error(`${place}: there is no setting "${unknown}"; there are ${known.join(", ")}`);
  // Defaults and given settings make all but the options, which are completed beside them.
  const config = { ...defaults, ...given, ...completeOptions(place, given) } as unknown as Config;
  const values: ReadonlyMap<string, unknown> = new Map(Object.entries(config));
  for (const [key, least] of Object.entries(counts)) {
    const value = values.get(key);
    if (!Number.isInteger(value) || Number(value) < least) {
      throw new Error(`${place}: ${key} must be a whole number of at least ${least}, got ${value}`);
    }
  }
  if (!(config.dropout >= 0 && config.dropout < 1))
    throw new Error(`${place}: dropout must be in [0, 1), got ${config.dropout}`);
  const epsilon = values.get("normEpsilon");
  if (epsilon !== undefined && !(Number(epsilon) > 0))
    throw new Error(`${place}: normEpsilon must be above 0, got ${epsilon}`);
  for (const [key, registry] of Object.entries(registries)) {
    const value = values.get(key);
    if (typeof value !== "string" || !Object.hasOwn(registry, value)) {
      throw new Error(`${place}: ${key} must be one of ${Object.keys(registry).join(", ")}, got "${value}"`);
    }
  }
  return config;
}

/** The registries that a configuration picks from. */
export const choices = {
  attention: attentions,
  position: positions,
  index: indices,
  scale: scales,
  mask: masks,
  normalizer: normalizers,
  norm: norms,
  activation: activations,
  mlp: mlps,
  residual: residuals,
} as const;
