// npm run test:interop: what heed exports runs elsewhere. onnxruntime-web computes the same logits, with a cache and with padding;
// transformers.js generates the same texts, and NBCE over it says the same as over heed. Both are installed here, without scripts.
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { exportOnnx } from "../../src/checkpoints/export.ts";
import { tokenizerFiles } from "../../src/checkpoints/tokenizer-json.ts";
import { generate } from "../../src/models/generate.ts";
import { nbce } from "../../src/nbce/decode.ts";
import { modelSource } from "../../src/nbce/model-source.ts";
import { transformersSource } from "../../src/nbce/transformers-source.ts";
import { init } from "../../src/runtime/instance.ts";
import { rng } from "../../src/tensor/rng.ts";
import { ids, scope } from "../../src/tensor/tensor.ts";
import { replaceFile } from "../../src/terminal/files.ts";
import { relativeL2 } from "../models/fixture.ts";
import { check, expect, failures } from "../packaging/check.mjs";
import { command } from "../packaging/command.mjs";
import { strongModels, tokenizer, trainedModel } from "./models.mjs";

const BOUND = 1e-4;
const PROMPT = "Doctor ";
const MADE = 64;
const here = fileURLToPath(new URL(".", import.meta.url));
const installed = join(here, "node_modules/.package-lock.json");
const lock = readFileSync(join(here, "package-lock.json"), "utf8");

if (!existsSync(installed)) {
  const args = ["ci", "--ignore-scripts", "--no-audit", "--no-fund"];
  await check("packages", async () => void (await command("npm", args, { cwd: here })));
}
await check("the lock names no address", () => expect(!lock.includes('"resolved"'), "must hold none"));
await init({ build: "portable", threads: 1 });
const folder = mkdtempSync(join(tmpdir(), "heed-interop-"));
try {
  await compareLogits();
  await compareTexts();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.stdout.write(failures() ? `interop: ${failures()} checks failed\n` : "interop: all checks hold\n");
process.exitCode = failures() ? 1 : 0;

async function compareLogits() {
  const ort = await import("onnxruntime-web");
  ort.env.wasm.numThreads = 1;
  const tokens = [...tokenizer.encode("To be, or not to be? that asks ".replace(/[^a-z .,]/gi, ""))].slice(
    0,
    20,
  );
  for (const { name, model } of strongModels()) {
    await check(`onnxruntime-web computes the logits of ${name}`, async () => {
      const file = exportOnnx(model).files.get("onnx/model.onnx");
      const session = await ort.InferenceSession.create(file, { executionProviders: ["wasm"] });
      const wanted = scope(() => model.logits(ids(tokens, [1, tokens.length])).values());
      const whole = await runOnce(ort, session, model.config, { rows: [tokens] });
      const distances = { whole: relativeL2(whole.logits.data, wanted) };
      // The first seven, and then one by one over the cache.
      let last = await runOnce(ort, session, model.config, { rows: [tokens.slice(0, 7)] });
      for (const token of tokens.slice(7))
        last = await runOnce(ort, session, model.config, { rows: [[token]], before: last });
      const V = model.config.vocabulary;
      distances.cached = relativeL2(last.logits.data, wanted.slice(-V));
      // Beside a longer row, padded on the left.
      const short = tokens.slice(0, 9);
      const both = await runOnce(ort, session, model.config, { rows: [tokens, short] });
      const alone = scope(() => model.logits(ids(short, [1, short.length])).values());
      distances.padded = relativeL2(both.logits.data.slice(-short.length * V), alone);
      await session.release();
      const worst = Math.max(...Object.values(distances));
      expect(worst < BOUND, `must agree to ${BOUND}, got ${JSON.stringify(distances)}`);
      return `${worst.toExponential(1)}, deviation ${deviation(wanted).toFixed(1)}`;
    });
  }
}

/** One call of the graph: rows of tokens, padded on the left, over what an earlier call has left. */
async function runOnce(ort, session, config, { rows, before }) {
  const { heads, kvHeads, width, layers } = config;
  const B = rows.length;
  const T = Math.max(...rows.map(({ length }) => length));
  const past = before ? before["present.0.key"].dims[2] : 0;
  const pads = rows.map(({ length }) => T - length);
  const integers = (values, columns) =>
    new ort.Tensor("int64", BigInt64Array.from(values, BigInt), [B, columns]);
  const range = (count) => Array.from({ length: count }, (_, i) => i);
  const feeds = {
    input_ids: integers(
      rows.flatMap((row, b) => [...range(pads[b]).fill(0), ...row]),
      T,
    ),
    attention_mask: integers(
      pads.flatMap((pad) => range(past + T).map((s) => (s >= pad ? 1 : 0))),
      past + T,
    ),
  };
  if (session.inputNames.includes("position_ids"))
    feeds.position_ids = integers(
      pads.flatMap((pad) => range(T).map((t) => Math.max(0, past + t - pad))),
      T,
    );
  for (const layer of range(layers)) {
    for (const kind of ["key", "value"]) {
      feeds[`past_key_values.${layer}.${kind}`] =
        before?.[`present.${layer}.${kind}`] ??
        new ort.Tensor("float32", new Float32Array(), [B, kvHeads, 0, width / heads]);
    }
  }
  return session.run(feeds);
}

async function compareTexts() {
  const { AutoModelForCausalLM, AutoTokenizer, env } = await import("@huggingface/transformers");
  env.allowRemoteModels = false;
  env.localModelPath = folder;
  const models = [...strongModels(), { name: "a trained model", ...trainedModel() }];
  for (const { name, model, loss } of models) {
    await check(`transformers.js generates what heed does from ${name}`, async () => {
      const path = join(folder, name.replace(/\W+/g, "-"));
      writeFolder(path, model);
      const theirs = await AutoTokenizer.from_pretrained(path);
      const decoder = await AutoModelForCausalLM.from_pretrained(path, { dtype: "fp32" });
      const inputs = theirs(PROMPT);
      const start = Array.from(inputs.input_ids.data, Number);
      const own = [...tokenizer.encode(PROMPT)];
      expect(`${start}` === `${own}`, `must tokenize alike, got ${start} and ${own}`);
      const made = await decoder.generate({ ...inputs, max_new_tokens: MADE, do_sample: false });
      const [text] = theirs.batch_decode(made, { skip_special_tokens: true });
      const wanted = [...generate(model, own, { maxTokens: MADE, temperature: 0, rng: rng(1) })];
      const expected = PROMPT + tokenizer.decode(wanted);
      expect(text === expected, `must be ${JSON.stringify(expected)}, got ${JSON.stringify(text)}`);
      if (loss !== undefined) await compareNbce(model, decoder);
      await decoder.dispose();
      return loss === undefined ? undefined : `${JSON.stringify(text.slice(0, 40))}, and NBCE ${MADE} tokens`;
    });
  }
}

async function compareNbce(model, decoder) {
  const rows = ["The ", "Doctor ", "A small "].map((text) => [...tokenizer.encode(`${text}`)]);
  const said = async (source) => {
    const tokens = [];
    for await (const { id } of nbce(source, rows, { maxTokens: MADE })) tokens.push(id);
    return `${tokens}`;
  };
  const library = await import("@huggingface/transformers");
  const [own, theirs] = [await said(modelSource(model)), await said(transformersSource(decoder, library))];
  expect(own === theirs, `NBCE must say the same, got ${own} and ${theirs}`);
}

function writeFolder(path, model) {
  const { settings, files } = exportOnnx(model);
  const { tokenizer: json, settings: config } = tokenizerFiles(tokenizer.toJSON(), model.config.context);
  for (const [name, bytes] of files) replaceFile(join(path, name), bytes);
  for (const [name, value] of Object.entries({
    "config.json": settings,
    "tokenizer.json": json,
    "tokenizer_config.json": config,
  }))
    replaceFile(join(path, name), JSON.stringify(value));
}

function deviation(values) {
  const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
  return Math.sqrt(values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / values.length);
}
