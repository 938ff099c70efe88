// Folders of Hugging Face's that heed cannot use are refused, with the file and the reason.
import { expect, test } from "vitest";
import { openHuggingFace } from "../../src/checkpoints/huggingface";
import { tokenizerFiles } from "../../src/checkpoints/tokenizer-json";
import logits from "../checkpoints/fixtures/logits.json";
import { goldenTensors, safetensors } from "../checkpoints/folder";
import { checkpoint, folder, run } from "./foreign-folder";
import { inFreshFolder } from "./heed";

inFreshFolder();

test.each<[string, Parameters<typeof folder>[1], string]>([
  [
    "no weights",
    { "model.safetensors": undefined },
    "model.safetensors: there is no such file, and no model.safetensors.index.json",
  ],
  ["no tokenizer", { "tokenizer.json": undefined }, "tokenizer.json: there is no such file"],
  [
    "another architecture",
    { "config.json": { model_type: "mamba" } },
    'config.json: model_type must be one of gpt2, gpt_neox, llama, mistral, qwen2, got "mamba"',
  ],
  [
    "quantized weights",
    { "config.json": { ...checkpoint.config, quantization_config: { bits: 4 } } },
    'config.json: quantization_config {"bits":4} is not supported',
  ],
  [
    "heads of another width",
    { "config.json": { ...checkpoint.config, head_dim: 16 } },
    "config.json: head_dim 16 is not supported, heed's heads share the 32 channels, 8 each",
  ],
  [
    "a scaling that is not known",
    { "config.json": { ...checkpoint.config, rope_scaling: { rope_type: "longrope" } } },
    'config.json: rope scaling must be one of default, linear, dynamic, llama3, yarn, got "longrope"',
  ],
  [
    "windows in some layers only",
    { "config.json": { ...logits.qwen2.config, use_sliding_window: true, max_window_layers: 1 } },
    "config.json: max_window_layers must be 0, as heed gives all layers the same window, got 1",
  ],
  [
    "layers of several types",
    { "config.json": { ...checkpoint.config, layer_types: ["full_attention", "sliding_attention"] } },
    "config.json: layer_types must all be full_attention, got full_attention and sliding_attention",
  ],
  [
    "a setting that is missing",
    { "config.json": { ...checkpoint.config, hidden_size: null } },
    "config.json: hidden_size must be a whole number, got nothing",
  ],
  [
    "heads that do not divide",
    { "config.json": { ...checkpoint.config, num_attention_heads: 5 } },
    "config.json: gpt: heads must divide width",
  ],
  [
    "tensors that are missing, and others",
    {
      "model.safetensors": safetensors(
        goldenTensors(checkpoint).map((x) => ({
          ...x,
          name: x.name.replace("layers.1.mlp", "layers.1.ffn"),
        })),
      ),
    },
    "model.safetensors (llama): tensors must be the model's; missing model.layers.1.mlp.gate_proj.weight, model.layers.1.mlp.up_proj.weight, model.layers.1.mlp.down_proj.weight, unexpected model.layers.1.ffn.gate_proj.weight",
  ],
  [
    "a tensor of another shape",
    { "config.json": { ...checkpoint.config, intermediate_size: 60 } },
    "model.safetensors (llama): model.layers.0.mlp.gate_proj.weight must be [60,32], got [56,32]",
  ],
  [
    "a dtype that is not read",
    { "model.safetensors": safetensors(goldenTensors(checkpoint), "I32") },
    "model.safetensors: dtypes must be F32, F16, BF16, got model.embed_tokens.weight (I32)",
  ],
  [
    "a shard that is missing",
    {
      "model.safetensors": undefined,
      "model.safetensors.index.json": { weight_map: { a: "model-1.safetensors" } },
    },
    "model-1.safetensors: there is no such file, which model.safetensors.index.json names",
  ],
  [
    "a file that is cut off",
    { "model.safetensors": safetensors(goldenTensors(checkpoint)).slice(0, 30_000) },
    "the file is truncated",
  ],
  ["settings that are no JSON", { "config.json": "{" }, "config.json: must be JSON"],
  [
    "a token that the settings name and the tokenizer has not",
    { "tokenizer_config.json": { eos_token: { content: "</s>" } } },
    'tokenizer_config.json: eos_token "</s>" must be in the vocabulary of tokenizer.json, it is not',
  ],
  [
    "a tokenizer of another model",
    {
      "tokenizer.json": tokenizerFiles(
        { kind: "word", vocabulary: Array.from({ length: 40 }, (_, i) => `w${i}`) },
        24,
      ).tokenizer,
    },
    "tokenizer.json: its tokens must be the model's, has 40 where the model knows 37",
  ],
])("a folder with %s is refused", async (_, changes, message) => {
  const { code, stdout, stderr } = await run("generate", folder("wrong", changes), "--prompt", "to be");
  expect([code, stdout]).toEqual([2, ""]);
  expect(stderr.startsWith("heed: wrong: ")).toBe(true);
  expect(stderr).toContain(message);
});

test("weights beyond 4 GB are refused by name and size, before any is read", async () => {
  const [vocabulary, width, layers] = [128_256, 4096, 32];
  const config = {
    ...checkpoint.config,
    vocab_size: vocabulary,
    hidden_size: width,
    num_hidden_layers: layers,
    intermediate_size: 14_336,
    num_attention_heads: 32,
    num_key_value_heads: 8,
  };
  const shapes: [string, number[]][] = [
    ["model.embed_tokens.weight", [vocabulary, width]],
    ["lm_head.weight", [vocabulary, width]],
    ["model.norm.weight", [width]],
  ];
  for (let i = 0; i < layers; i++) {
    const at = `model.layers.${i}`;
    for (const norm of ["input_layernorm", "post_attention_layernorm"])
      shapes.push([`${at}.${norm}.weight`, [width]]);
    for (const name of ["q_proj", "o_proj"]) shapes.push([`${at}.self_attn.${name}.weight`, [width, width]]);
    for (const name of ["k_proj", "v_proj"]) shapes.push([`${at}.self_attn.${name}.weight`, [1024, width]]);
    for (const name of ["gate_proj", "up_proj"]) shapes.push([`${at}.mlp.${name}.weight`, [14_336, width]]);
    shapes.push([`${at}.mlp.down_proj.weight`, [width, 14_336]]);
  }
  let end = 0;
  const header = Object.fromEntries(
    shapes.map(([name, shape]) => {
      const begin = end;
      end += 2 * shape.reduce((product, dim) => product * dim, 1);
      return [name, { dtype: "BF16", shape, data_offsets: [begin, end] }];
    }),
  );
  const json = new TextEncoder().encode(JSON.stringify(header));
  const start = new Uint8Array(8 + json.length);
  new DataView(start.buffer).setUint32(0, json.length, true);
  start.set(json, 8);
  const files = new Map([
    ["config.json", new TextEncoder().encode(JSON.stringify(config))],
    ["model.safetensors", start],
  ]);
  const large = {
    size: async (file: string) =>
      file === "model.safetensors" ? start.length + end : files.get(file)?.length,
    read: async (file: string, begin: number, to: number) => files.get(file)!.slice(begin, to),
  };
  await expect(openHuggingFace(large)).rejects.toThrow(
    /^model\.safetensors: weights must fit the 4,096 MB of WebAssembly with 64 MB to spare, as float32 they take 3\d,\d{3} MB: model\.embed_tokens\.weight 2,\d{3} MB, lm_head\.weight 2,\d{3} MB, .* and \d+ more; use a smaller model$/,
  );
});

test("a prompt beyond the positions is refused with how much is too much", async () => {
  const { code, stderr } = await run("generate", folder("llama"), "--prompt", "to be ".repeat(5));
  expect(code).toBe(2);
  expect(stderr).toContain(
    "heed: --prompt: must fit the model's 24 positions, has 30 tokens, 6 too many; shorten it\n",
  );
});
