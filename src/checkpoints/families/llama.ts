// Llama (Touvron et al. 2023, arXiv:2302.13971) and what is built like it: Mistral, Qwen2, SmolLM. RMSNorm, rotary positions, grouped
// keys and values, gated MLPs; which layers have biases, and a sliding window, differ by model type.
import type { GptConfig } from "../../models/config";
import { type Biased, biasesOf } from "../../nn/biases";
import { flipped, linearLayer, normLayer, same } from "../layout";
import { foreignActivation, type Json, type Settings } from "../settings";
import { dotProductDecoder, type Family } from "./family";
import { ropeOptions, ropeSettings } from "./rope";

export const llama: Family = {
  modelTypes: ["llama", "mistral", "qwen2"],
  prefixes: ["model."],
  idle: /^layers\.\d+\.self_attn\.rotary_emb\.inv_freq$/,

  holds: {
    ...dotProductDecoder,
    position: ["rope"],
    ropeOffset: [0],
    rotaryWidth: [0],
    scale: ["inverse-sqrt"],
    mask: ["causal", "sliding-window"],
    norm: ["rmsnorm"],
    mlp: ["gated"],
    residual: ["sequential"],
  },
  grouped: true,

  config(settings: Settings) {
    const [width, heads] = [settings.whole("hidden_size"), settings.whole("num_attention_heads")];
    settings.expect(
      "head_dim",
      width / heads,
      `heed's heads share the ${width} channels, ${width / heads} each`,
    );
    settings.expect("pretraining_tp", 1, "heed does not split products as that run did");
    return {
      vocabulary: settings.whole("vocab_size"),
      width,
      layers: settings.whole("num_hidden_layers"),
      heads,
      kvHeads: settings.whole("num_key_value_heads", heads),
      mlpWidth: settings.whole("intermediate_size"),
      norm: "rmsnorm",
      normEpsilon: settings.real("rms_norm_eps", 1e-6),
      mlp: "gated",
      activation: settings.activation("hidden_act", "silu"),
      bias: biasOf(settings),
      tied: settings.flag("tie_word_embeddings", false),
      ...ropeOptions(settings, {
        base: settings.real("rope_theta", 10000),
        headWidth: width / heads,
        share: 1,
      }),
      ...windowOf(settings),
    };
  },

  *tensors(config: GptConfig, prefix: string) {
    const { vocabulary, width, mlpWidth, heads, kvHeads } = config;
    const { projections, output, mlp } = biasesOf(config.bias);
    const shared = (width / heads) * kvHeads;
    yield same(`${prefix}embed_tokens.weight`, "token.weight", vocabulary, width);
    for (let layer = 0; layer < config.layers; layer++) {
      const [from, to] = [`${prefix}layers.${layer}`, `blocks.${layer}`];
      const [attention, scores] = [`${from}.self_attn`, `${to}.attention.scores`];
      yield* normLayer([`${from}.input_layernorm`, `${to}.norm1`], width, false);
      yield* linearLayer([`${attention}.q_proj`, `${scores}.query`], [width, width], projections);
      yield* linearLayer([`${attention}.k_proj`, `${scores}.key`], [width, shared], projections);
      yield* linearLayer([`${attention}.v_proj`, `${to}.attention.value`], [width, shared], projections);
      yield* linearLayer([`${attention}.o_proj`, `${to}.attention.output`], [width, width], output);
      yield* normLayer([`${from}.post_attention_layernorm`, `${to}.norm2`], width, false);
      yield* linearLayer([`${from}.mlp.gate_proj`, `${to}.mlp.gate`], [width, mlpWidth], mlp);
      yield* linearLayer([`${from}.mlp.up_proj`, `${to}.mlp.up`], [width, mlpWidth], mlp);
      yield* linearLayer([`${from}.mlp.down_proj`, `${to}.mlp.down`], [mlpWidth, width], mlp);
    }
    yield* normLayer([`${prefix}norm`, "norm"], width, false);
    if (!config.tied) yield flipped("lm_head.weight", "unembedding.weight", width, vocabulary);
  },

  refuses({ mask, bias }: GptConfig) {
    const known = mask === "causal" || bias === false || bias === "query-key-value";
    return known ? undefined : `bias ${bias} under a sliding window (must be false or query-key-value)`;
  },

  settings(config: GptConfig) {
    const { base, ...rope } = ropeSettings(config);
    return {
      ...kindOf(config),
      vocab_size: config.vocabulary,
      hidden_size: config.width,
      num_hidden_layers: config.layers,
      num_attention_heads: config.heads,
      num_key_value_heads: config.kvHeads,
      intermediate_size: config.mlpWidth,
      hidden_act: foreignActivation(config.activation),
      rms_norm_eps: config.normEpsilon,
      rope_theta: base,
      tie_word_embeddings: config.tied,
      ...rope,
    };
  },
};

function biasOf(settings: Settings): Biased {
  if (settings.word("model_type") === "qwen2") return "query-key-value";
  const [attention, mlp] = [settings.flag("attention_bias", false), settings.flag("mlp_bias", false)];
  if (attention && mlp) return true;
  return attention ? "attention" : mlp && "mlp";
}

/**
 * Mistral's window counts the token itself, as heed's does.
 * @throws Error where some layers have a window and others not
 */
function windowOf(settings: Settings): Partial<GptConfig> {
  const window = slidingWindow(settings);
  const kind = window === 0 ? "full_attention" : "sliding_attention";
  const types = settings.get("layer_types");
  if (Array.isArray(types) && types.some((type) => type !== kind))
    throw new Error(`config.json: layer_types must all be ${kind}, got ${[...new Set(types)].join(" and ")}`);
  return window === 0 ? {} : { mask: "sliding-window", window };
}

/** Tokens, or 0 for all. */
function slidingWindow(settings: Settings): number {
  const type = settings.word("model_type");
  if (type === "mistral") return settings.whole("sliding_window", 0);
  if (type === "llama" || !settings.flag("use_sliding_window", false)) return 0;
  const full = settings.whole("max_window_layers", 28); // the first layers have none
  if (full >= settings.whole("num_hidden_layers")) return 0;
  if (full === 0) return settings.whole("sliding_window", 4096);
  throw new Error(
    `config.json: max_window_layers must be 0, as heed gives all layers the same window, got ${full}`,
  );
}

/** The model type that has these biases and this mask. */
function kindOf({ bias, mask, window }: GptConfig): Json {
  const sliding = mask === "sliding-window";
  if (bias === "query-key-value") {
    return {
      model_type: "qwen2",
      architectures: ["Qwen2ForCausalLM"],
      use_sliding_window: sliding,
      ...(sliding && { sliding_window: window, max_window_layers: 0 }),
    };
  }
  const { projections, mlp } = biasesOf(bias);
  if (!sliding) {
    return {
      model_type: "llama",
      architectures: ["LlamaForCausalLM"],
      attention_bias: projections,
      mlp_bias: mlp,
    };
  }
  return { model_type: "mistral", architectures: ["MistralForCausalLM"], sliding_window: window };
}
