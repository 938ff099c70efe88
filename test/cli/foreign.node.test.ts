// `heed generate`, `heed eval` and `heed train --tokenizer` on folders of Hugging Face's.
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openHuggingFace } from "../../src/checkpoints/huggingface";
import { tokenizerFiles } from "../../src/checkpoints/tokenizer-json";
import { diskFolder } from "../../src/cli/disk-folder";
import { openTokenizer } from "../../src/cli/tokenizer-file";
import { charTokenizer, wordTokenizer } from "../../src/data/tokenizer";
import { generate } from "../../src/models/generate";
import { rng } from "../../src/tensor/rng";
import logits from "../checkpoints/fixtures/logits.json";
import { goldenTensors, safetensors } from "../checkpoints/folder";
import { run as heed, inFreshFolder, json, TEXT, TINY } from "./heed";

const LETTERS = "abcdefghijklmnopqrstuvwxyz .,:?\n01234"; // 37, as the fixtures' models know
const own = charTokenizer(LETTERS);
const checkpoint = logits.llama;

inFreshFolder();

/** On the build that these tests run on. */
const run = (command: string, ...words: string[]) => heed(command, ...words, "--build", "portable");

/** A folder that heed reads, and what of it is changed; `undefined` leaves a file out. */
function folder(
  path: string,
  changes: Readonly<Record<string, object | string | Uint8Array | undefined>> = {},
) {
  const { tokenizer, settings } = tokenizerFiles(own.toJSON() as Parameters<typeof tokenizerFiles>[0], 24);
  const files = {
    "config.json": checkpoint.config,
    "model.safetensors": safetensors(goldenTensors(checkpoint), "BF16"),
    "tokenizer.json": tokenizer,
    "tokenizer_config.json": settings,
    ...changes,
  };
  mkdirSync(path);
  for (const [name, content] of Object.entries(files)) {
    const text =
      typeof content === "object" && !(content instanceof Uint8Array) ? JSON.stringify(content) : content;
    if (text !== undefined) writeFileSync(join(path, name), text);
  }
  return path;
}

test("generate continues as the model does, and says first what it takes", async () => {
  const path = folder("llama");
  const { code, stdout, stderr } = await run(
    ...[
      "generate",
      path,
      "--prompt",
      "to be, or",
      "--max-tokens",
      "12",
      "--temperature",
      "0",
      "--json",
      "out.json",
    ],
  );
  const model = await (await openHuggingFace(diskFolder(path))).load();
  const ids = [...generate(model, own.encode("to be, or"), { maxTokens: 12, temperature: 0, rng: rng(1) })];
  expect([code, stdout]).toEqual([0, `to be, or${own.decode(ids)}\n`]);
  expect(stderr).toBe("llama with 19,424 parameters: 1 MB of memory, 1 MB to read\n");
  expect(json("out.json")).toMatchObject({ ids, text: own.decode(ids) });
});

test("a token that ends texts ends the text", async () => {
  const words = ["--prompt", "to be", "--max-tokens", "12", "--temperature", "0", "--json", "out.json"];
  await run("generate", folder("free"), ...words);
  const { ids } = json("out.json");
  const stops = folder("stops", { "generation_config.json": { eos_token_id: [ids[5]] } });
  await run("generate", stops, ...words);
  expect(json("out.json").ids).toEqual(ids.slice(0, ids.indexOf(ids[5])));
});

test("chat puts the message into the template", async () => {
  const template =
    "{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}{% if add_generation_prompt %}bot:{% endif %}";
  const path = folder("chat", { "chat_template.jinja": template });
  const tokenizer = await openTokenizer(diskFolder(path));
  expect(own.decode(await tokenizer.chat("who?"))).toBe("user: who?\nbot:");
  const words = ["--max-tokens", "4", "--temperature", "0"];
  const chat = await run("generate", path, "--chat", "--prompt", "who?", ...words);
  const plain = await run("generate", path, "--prompt", "user: who?\nbot:", ...words);
  expect(`user: who?\nbot:${chat.stdout}`).toBe(plain.stdout);
  const without = await run("generate", folder("plain"), "--chat", "--prompt", "who?");
  expect([without.code, without.stderr]).toEqual([
    2,
    expect.stringMatching(/heed: --chat: there is no chat template/),
  ]);
});

test("nbce asks such a model, too", async () => {
  for (const [name, text] of Object.entries({ "a.txt": "to be", "b.txt": "or not" }))
    writeFileSync(name, text);
  const words = ["--contexts", "a.txt", "b.txt", "--question", "who?", "--max-tokens", "5", "--json", "-"];
  const { code, stdout } = await run("nbce", folder("llama"), ...words);
  expect(code).toBe(0);
  const { ids, text, chosen } = JSON.parse(stdout);
  expect([ids.length, text]).toEqual([5, own.decode(ids)]);
  expect(chosen).toHaveLength(5);
});

test("eval measures a text, which must be given", async () => {
  writeFileSync("text.txt", "to be, or not to be: 1, 2, 3?\n".repeat(20));
  const path = folder("llama");
  const { code, stdout } = await run("eval", path, "--text", "text.txt", "--json", "-");
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ text: "text", tokens: 59 });
  const missing = await run("eval", path);
  expect([missing.code, missing.stderr]).toEqual([
    2,
    "heed: --text: must name a file, as llama has no text of its own\n",
  ]);
});

test("train takes a tokenizer.json, and its run needs no other folder", async () => {
  const path = folder("llama");
  writeFileSync("text.txt", "to be, or not to be: 1, 2, 3?\n".repeat(20));
  const words = [
    "--tokenizer",
    join(path, "tokenizer.json"),
    "--text",
    "text.txt",
    "--steps",
    "2",
    ...TINY.slice(0, -2),
  ];
  expect((await run("train", ...words, "--out", "run")).code).toBe(0);
  rmSync(path, { recursive: true });
  const { code, stdout } = await run("generate", "run", "--prompt", "or", "--max-tokens", "3");
  expect([code, stdout]).toEqual([0, expect.stringMatching(/^or[\s\S]{3}\n$/)]);
  const wrong = await run("train", "--tokenizer", "text.txt", "--text", "text.txt");
  expect([wrong.code, wrong.stderr]).toEqual([
    2,
    expect.stringMatching(/^heed: --tokenizer: text.txt: must be JSON/),
  ]);
});

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

test("heed's tokenizers give the same ids from their tokenizer.json", async () => {
  const text = 'It is a "test" (a small one): it\'s well-known, 100%.\nNew line — "yes"!';
  for (const tokenizer of [charTokenizer(TEXT + text), wordTokenizer(TEXT + text, { maximum: 60 })]) {
    const json = tokenizer.toJSON() as Parameters<typeof tokenizerFiles>[0];
    const { tokenizer: file, settings } = tokenizerFiles(json, 64);
    const path = folder(tokenizer.kind, { "tokenizer.json": file, "tokenizer_config.json": settings });
    const read = await openTokenizer(diskFolder(path));
    for (const sample of [text, TEXT.slice(0, 500)]) {
      expect(read.encode(sample)).toEqual(tokenizer.encode(sample));
      const plain = tokenizer.encode(sample.replaceAll('"', ""));
      expect(read.decode(plain)).toBe(tokenizer.decode(plain));
    }
    expect(read.vocabulary).toEqual(tokenizer.vocabulary);
    if (tokenizer.kind === "char") expect(() => read.encode("é")).toThrow(/"é" is not in the vocabulary/);
  }
});

test("a run is exported, generates the same from its folder, and is whole or not there", async () => {
  writeFileSync("text.txt", TEXT);
  const shape = ["--norm", "rmsnorm", "--mlp", "gated", "--activation", "silu"];
  await run("train", "--text", "text.txt", "--steps", "3", ...TINY.slice(0, -2), ...shape, "--out", "run");
  const exported = await heed("export", "run", "--format", "hf");
  expect([exported.code, exported.stdout]).toEqual([
    0,
    "run-hf: llama, model.safetensors, tokenizer.json, tokenizer_config.json, config.json\n",
  ]);
  const words = ["--prompt", "Doctor", "--max-tokens", "9"];
  expect((await run("generate", "run-hf", ...words)).stdout).toBe(
    (await run("generate", "run", ...words)).stdout,
  );
  const onnx = await heed("export", "run", "--format", "onnx", "--out", "elsewhere", "--json", "-");
  expect(JSON.parse(onnx.stdout)).toMatchObject({ folder: "elsewhere", settings: { model_type: "llama" } });
  expect(existsSync("elsewhere/onnx/model.onnx")).toBe(true);

  await run(
    "train",
    "--text",
    "text.txt",
    "--steps",
    "3",
    ...TINY.slice(0, -2),
    "--position",
    "alibi",
    "--out",
    "other",
  );
  const refused = await heed("export", "other", "--format", "hf");
  expect([refused.code, refused.stderr]).toEqual([
    2,
    "heed: other: export: no family of Hugging Face's has these settings; gpt2 would, but for position alibi (must be learned)\n",
  ]);
  expect(existsSync("other-hf")).toBe(false);
  expect((await heed("export", "run", "--format", "hf", "--out", "other")).code).toBe(2);
  expect((await heed("export", "run", "--format", "gguf")).code).toBe(2);
});
