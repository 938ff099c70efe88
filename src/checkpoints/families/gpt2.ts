// GPT-2 (Radford et al. 2019): learned positions, biases everywhere, matrices stored as [inputs, outputs], queries, keys and values in one.
import type { GptConfig } from "../../models/config";
import { flipped, type Layout, normLayer, same } from "../layout";
import { foreignActivation, type Settings } from "../settings";
import { dotProductDecoder, type Family } from "./family";

export const gpt2: Family = {
  modelTypes: ["gpt2"],
  prefixes: ["transformer.", ""],
  idle: /^h\.\d+\.attn\.(masked_)?bias$/,

  holds: {
    ...dotProductDecoder,
    position: ["learned"],
    scale: ["inverse-sqrt", "one"],
    mask: ["causal"],
    norm: ["layernorm"],
    mlp: ["plain"],
    residual: ["sequential"],
  },
  grouped: false,

  config(settings: Settings) {
    settings.expect("scale_attn_by_inverse_layer_idx", false, "heed scales all layers alike");
    settings.expect("add_cross_attention", false, "heed's gpt has no encoder to ask");
    const width = settings.whole("n_embd");
    return {
      vocabulary: settings.whole("vocab_size"),
      context: settings.whole("n_positions", settings.whole("n_ctx", 1024)),
      width,
      layers: settings.whole("n_layer"),
      heads: settings.whole("n_head"),
      mlpWidth: settings.whole("n_inner", 4 * width),
      position: "learned",
      scale: settings.flag("scale_attn_weights", true) ? "inverse-sqrt" : "one",
      normEpsilon: settings.real("layer_norm_epsilon", 1e-5),
      activation: settings.activation("activation_function", "gelu_new"),
      bias: true,
      tied: settings.flag("tie_word_embeddings", true),
    };
  },

  *tensors(config: GptConfig, prefix: string) {
    const { vocabulary, context, width, mlpWidth } = config;
    yield same(`${prefix}wte.weight`, "token.weight", vocabulary, width);
    yield same(`${prefix}wpe.weight`, "position.weight", context, width);
    for (let layer = 0; layer < config.layers; layer++) {
      const [from, to] = [`${prefix}h.${layer}`, `blocks.${layer}`];
      yield* normLayer([`${from}.ln_1`, `${to}.norm1`], width, true);
      yield* fused(`${from}.attn.c_attn`, `${to}.attention`, width);
      yield* straight(`${from}.attn.c_proj`, `${to}.attention.output`, width, width);
      yield* normLayer([`${from}.ln_2`, `${to}.norm2`], width, true);
      yield* straight(`${from}.mlp.c_fc`, `${to}.mlp.up`, width, mlpWidth);
      yield* straight(`${from}.mlp.c_proj`, `${to}.mlp.down`, mlpWidth, width);
    }
    yield* normLayer([`${prefix}ln_f`, "norm"], width, true);
    if (!config.tied) yield flipped("lm_head.weight", "unembedding.weight", width, vocabulary);
  },

  settings(config: GptConfig) {
    return {
      model_type: "gpt2",
      architectures: ["GPT2LMHeadModel"],
      vocab_size: config.vocabulary,
      n_positions: config.context,
      n_ctx: config.context,
      n_embd: config.width,
      n_layer: config.layers,
      n_head: config.heads,
      n_inner: config.mlpWidth,
      activation_function: foreignActivation(config.activation),
      layer_norm_epsilon: config.normEpsilon,
      scale_attn_weights: config.scale === "inverse-sqrt",
      tie_word_embeddings: config.tied,
    };
  },
};

function straight(name: string, path: string, inputs: number, outputs: number): Layout[] {
  return [
    same(`${name}.weight`, `${path}.weight`, inputs, outputs),
    same(`${name}.bias`, `${path}.bias`, outputs),
  ];
}

/** Queries, keys and values side by side. */
function fused(name: string, path: string, width: number): Layout[] {
  const parts = ["scores.query", "scores.key", "value"];
  const layout = (kind: "weight" | "bias", shape: readonly number[]): Layout => ({
    name: `${name}.${kind}`,
    shape,
    transposed: false,
    pieces: parts.map((part, p) => ({
      path: `${path}.${part}.${kind}`,
      ...{ columns: width, block: width, every: 3 * width, offset: p * width },
    })),
  });
  return [layout("weight", [width, 3 * width]), layout("bias", [3 * width])];
}
