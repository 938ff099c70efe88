// `heed generate`, `heed eval` and `heed train --tokenizer` on folders of Hugging Face's.
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openHuggingFace } from "../../src/checkpoints/huggingface";
import { tokenizerFiles } from "../../src/checkpoints/tokenizer-json";
import { diskFolder } from "../../src/cli/disk-folder";
import { openTokenizer } from "../../src/cli/tokenizer-file";
import { charTokenizer, wordTokenizer } from "../../src/data/tokenizer";
import { generate } from "../../src/models/generate";
import { rng } from "../../src/tensor/rng";
import { folder, own, run } from "./foreign-folder";
import { run as heed, inFreshFolder, json, TEXT, TINY } from "./heed";

inFreshFolder();

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
