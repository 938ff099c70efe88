// GPT-NeoX (Black et al. 2022, arXiv:2204.06745), Pythia: a part of each head turns, attention and MLP in parallel, queries, keys and
// values of a head side by side.
import type { GptConfig } from "../../models/config";
import { biasesOf } from "../../nn/biases";
import { flipped, type Layout, linearLayer, normLayer, same } from "../layout";
import { foreignActivation, type Settings } from "../settings";
import { dotProductDecoder, type Family } from "./family";
import { ropeOptions, ropeSettings } from "./rope";

export const gptNeox: Family = {
  modelTypes: ["gpt_neox"],
  prefixes: ["gpt_neox."],
  idle: /^layers\.\d+\.attention\.((masked_)?bias|rotary_emb\.inv_freq)$/,

  holds: {
    ...dotProductDecoder,
    position: ["rope"],
    ropeOffset: [0],
    scale: ["inverse-sqrt"],
    mask: ["causal"],
    norm: ["layernorm"],
    mlp: ["plain"],
  },
  grouped: false,

  config(settings: Settings) {
    const [width, heads] = [settings.whole("hidden_size"), settings.whole("num_attention_heads")];
    return {
      vocabulary: settings.whole("vocab_size"),
      width,
      layers: settings.whole("num_hidden_layers"),
      heads,
      mlpWidth: settings.whole("intermediate_size"),
      normEpsilon: settings.real("layer_norm_eps", 1e-5),
      activation: settings.activation("hidden_act", "gelu"),
      residual: settings.flag("use_parallel_residual", true) ? "parallel" : "sequential",
      bias: settings.flag("attention_bias", true) ? true : "mlp",
      tied: settings.flag("tie_word_embeddings", false),
      ...ropeOptions(settings, {
        base: settings.real("rotary_emb_base", 10000),
        headWidth: width / heads,
        share: settings.real("rotary_pct", 0.25),
      }),
    };
  },

  *tensors(config: GptConfig, prefix: string) {
    const { vocabulary, width, mlpWidth, heads } = config;
    const { projections: bias } = biasesOf(config.bias);
    yield same(`${prefix}embed_in.weight`, "token.weight", vocabulary, width);
    for (let layer = 0; layer < config.layers; layer++) {
      const [from, to] = [`${prefix}layers.${layer}`, `blocks.${layer}`];
      yield* normLayer([`${from}.input_layernorm`, `${to}.norm1`], width, true);
      yield* normLayer([`${from}.post_attention_layernorm`, `${to}.norm2`], width, true);
      yield* fused(`${from}.attention.query_key_value`, `${to}.attention`, width, heads).slice(
        0,
        bias ? 2 : 1,
      );
      yield* linearLayer([`${from}.attention.dense`, `${to}.attention.output`], [width, width], bias);
      yield* linearLayer([`${from}.mlp.dense_h_to_4h`, `${to}.mlp.up`], [width, mlpWidth], true);
      yield* linearLayer([`${from}.mlp.dense_4h_to_h`, `${to}.mlp.down`], [mlpWidth, width], true);
    }
    yield* normLayer([`${prefix}final_layer_norm`, "norm"], width, true);
    if (!config.tied) yield flipped("embed_out.weight", "unembedding.weight", width, vocabulary);
  },

  settings(config: GptConfig) {
    const { base, ...rope } = ropeSettings(config);
    return {
      model_type: "gpt_neox",
      architectures: ["GPTNeoXForCausalLM"],
      vocab_size: config.vocabulary,
      hidden_size: config.width,
      num_hidden_layers: config.layers,
      num_attention_heads: config.heads,
      intermediate_size: config.mlpWidth,
      hidden_act: foreignActivation(config.activation),
      layer_norm_eps: config.normEpsilon,
      use_parallel_residual: config.residual === "parallel",
      attention_bias: biasesOf(config.bias).projections,
      rotary_pct: shareOf(config),
      rotary_emb_base: base,
      tie_word_embeddings: config.tied,
      ...rope,
    };
  },
};

/** Of each head its query, its key and its value. */
function fused(name: string, path: string, width: number, heads: number): Layout[] {
  const head = width / heads;
  const parts = ["scores.query", "scores.key", "value"];
  const layout = (kind: "weight" | "bias"): Layout => ({
    name: `${name}.${kind}`,
    shape: kind === "weight" ? [3 * width, width] : [3 * width],
    transposed: kind === "weight",
    pieces: parts.map((part, p) => ({
      path: `${path}.${part}.${kind}`,
      ...{ columns: width, block: head, every: 3 * head, offset: p * head },
    })),
  });
  return [layout("weight"), layout("bias")];
}

/** A share that gives the width again when others multiply and round down. */
function shareOf({ rotaryWidth, width, heads }: GptConfig): number {
  const head = width / heads;
  const share = (rotaryWidth || head) / head;
  return Math.floor(head * share) < rotaryWidth ? share * (1 + Number.EPSILON) : share;
}
