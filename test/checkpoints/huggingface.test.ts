// Folders of the GPT-2, GPT-NeoX and Llama families answer as PyTorch does, and a convention read wrongly does not.
import { describe, expect, test } from "vitest";
import { openHuggingFace } from "../../src/checkpoints/huggingface";
import { namedTensors } from "../../src/nn/module";
import { valueAndGradients } from "../../src/tensor/tape";
import { floats, ids, scope } from "../../src/tensor/tensor";
import { relativeL2 } from "../models/fixture";
import logits from "./fixtures/logits.json";
import {
  type Dtype,
  type GoldenCheckpoint,
  goldenTensors,
  memoryFolder,
  type NamedValues,
  safetensors,
} from "./folder";

const BOUND = 1e-4;
/** What a wrong convention must miss by at least. */
const FAR = 100 * BOUND;

const cases: Readonly<Record<string, GoldenCheckpoint>> = logits;
const golden = (name: keyof typeof logits): GoldenCheckpoint => cases[name]!;

describe.each(Object.entries(cases))("%s", (_, checkpoint) => {
  test("logits as in PyTorch", async () => {
    expect(deviation(checkpoint.logits)).toBeGreaterThanOrEqual(1);
    expect(checkpoint.attentionEntropy).toBeLessThan(0.85);
    expect(await distance(checkpoint)).toBeLessThan(BOUND);
  });

  test("loss and gradient as in PyTorch", async () => {
    const model = await load(checkpoint);
    const { ids: tokens, loss, gainGradient } = checkpoint;
    const shape = [1, tokens.length];
    const targets = [...tokens.slice(1), -1]; // of the last nothing is known
    scope(() => {
      const gain = namedTensors(model).get("blocks.0.norm1.gain")!;
      const { value, gradients } = valueAndGradients(
        () => model.loss(ids(tokens, shape), ids(targets, shape)),
        [gain],
      );
      expect(Math.abs(value - loss)).toBeLessThan(BOUND);
      expect(relativeL2(gradients[0]!.values(), gainGradient)).toBeLessThan(BOUND);
    });
  });
});

// Under dynamic scaling frequencies change with the length, and cached keys do not.
test.each(Object.entries(cases).filter(([name]) => name !== "llama, dynamic"))(
  "%s: decoding from a cache gives the logits of the last token",
  async (_, checkpoint) => {
    const model = await load(checkpoint);
    const { ids: tokens, config } = checkpoint;
    const last = scope(() => {
      const state = model.createState(1, tokens.length);
      model.next(ids(tokens.slice(0, 9), [1, 9]), state);
      let next: Float32Array = new Float32Array();
      for (const token of tokens.slice(9)) next = model.next(ids([token], [1, 1]), state).values();
      state.release();
      return next;
    });
    expect(relativeL2(last, checkpoint.logits.slice(-Number(config.vocab_size)))).toBeLessThan(BOUND);
  },
);

test.each(["F16", "BF16"] as const)("%s weights are the same numbers", async (dtype) => {
  for (const name of ["gpt2", "gpt_neox", "llama"] as const)
    expect(await distance(golden(name), { dtype })).toBeLessThan(BOUND);
});

test("shards and an index are one model", async () => {
  const checkpoint = golden("llama");
  const tensors = goldenTensors(checkpoint);
  const shards = [tensors.slice(0, 7), tensors.slice(7)];
  const names = shards.map((_, i) => `model-0000${i + 1}-of-00002.safetensors`);
  const map = Object.fromEntries(shards.flatMap((shard, i) => shard.map(({ name }) => [name, names[i]!])));
  const folder = memoryFolder({
    "config.json": checkpoint.config,
    "model.safetensors.index.json": { metadata: {}, weight_map: map },
    [names[0]!]: safetensors(shards[0]!),
    [names[1]!]: safetensors(shards[1]!, "BF16"),
  });
  expect(await distanceOf(folder, checkpoint)).toBeLessThan(BOUND);
});

test("copies of the tied embedding, and what older programs kept, are passed over", async () => {
  const checkpoint = golden("gpt2");
  const tensors = goldenTensors(checkpoint);
  const copy = { ...tensors.find(({ name }) => name.endsWith("wte.weight"))!, name: "lm_head.weight" };
  const mask = { name: "transformer.h.0.attn.bias", shape: [1, 1, 2, 2], values: new Float32Array(4) };
  expect(await distance(checkpoint, { tensors: [...tensors, copy, mask] })).toBeLessThan(BOUND);
  // OpenAI's own folder has no prefix.
  const bare = tensors.map((x) => ({ ...x, name: x.name.replace("transformer.", "") }));
  expect(await distance(checkpoint, { tensors: bare })).toBeLessThan(BOUND);
});

test("newer files have rotary settings in rope_parameters", async () => {
  const checkpoint = golden("llama, llama3");
  const { rope_scaling: scaling, rope_theta: theta, ...config } = checkpoint.config;
  const renamed = { ...config, rope_parameters: { ...Object(scaling), rope_theta: theta } };
  expect(await distance({ ...checkpoint, config: renamed })).toBeLessThan(BOUND);
});

describe("a convention read wrongly is far off", () => {
  test.each<[string, keyof typeof logits, (x: NamedValues) => NamedValues]>([
    ["interleaved pairs of rotary channels", "llama", interleaved],
    ["queries and keys fused by kind instead of by head", "gpt_neox", fusedByKind],
    ["missing biases of queries, keys and values", "qwen2", without(/[qkv]_proj\.bias$/)],
    ["missing biases of GPT-2's attention", "gpt2", without(/c_attn\.bias$/)],
    ["the bias of one norm missing", "gpt_neox", without(/layers\.1\.post_attention_layernorm\.bias$/)],
  ])("%s", async (_, name, change) => {
    const tensors = goldenTensors(golden(name)).map(change);
    expect(await distance(golden(name), { tensors })).toBeGreaterThan(FAR);
  });

  test.each<[string, keyof typeof logits, Record<string, unknown>]>([
    ["another share of the head turning", "gpt_neox", { rotary_pct: 0.5 }],
    ["sequential instead of parallel", "gpt_neox", { use_parallel_residual: false }],
    ["another base", "llama", { rope_theta: 500 }],
    ["no stretching", "llama, llama3", { rope_scaling: null }],
    ["linear instead of yarn", "llama, yarn", { rope_scaling: { rope_type: "linear", factor: 4 } }],
    ["no window", "mistral", { sliding_window: null }],
    ["the other gelu", "gpt2", { activation_function: "relu" }],
    ["another epsilon", "gpt2", { layer_norm_epsilon: 0.1 }],
  ])("%s", async (_, name, change) => {
    const checkpoint = golden(name);
    const config = { ...checkpoint.config, ...change };
    expect(await distance({ ...checkpoint, config })).toBeGreaterThan(FAR);
  });
});

test("what is loaded is counted, and progress ends at the bytes that are stored", async () => {
  const checkpoint = golden("gpt_neox");
  const opened = await openHuggingFace(folderOf(checkpoint, { dtype: "F16" }));
  const seen: number[] = [];
  const model = await opened.load((bytes) => seen.push(bytes));
  const count = [...namedTensors(model).values()].reduce((sum, x) => sum + floats(x).length, 0);
  expect([opened.modelType, opened.parameters, opened.storedBytes]).toEqual(["gpt_neox", count, 2 * count]);
  expect(opened.bytes).toBeGreaterThanOrEqual(4 * count);
  expect([seen.at(-1), seen.every((bytes, i) => bytes > (seen[i - 1] ?? 0))]).toEqual([2 * count, true]);
});

interface Stored {
  readonly tensors?: readonly NamedValues[];
  readonly dtype?: Dtype;
}

function folderOf(
  checkpoint: GoldenCheckpoint,
  { tensors = goldenTensors(checkpoint), dtype = "F32" }: Stored = {},
) {
  return memoryFolder({ "config.json": checkpoint.config, "model.safetensors": safetensors(tensors, dtype) });
}

async function load(checkpoint: GoldenCheckpoint) {
  return (await openHuggingFace(folderOf(checkpoint))).load();
}

function distance(checkpoint: GoldenCheckpoint, stored: Stored = {}): Promise<number> {
  return distanceOf(folderOf(checkpoint, stored), checkpoint);
}

async function distanceOf(
  folder: ReturnType<typeof memoryFolder>,
  { ids: tokens, logits: wanted }: GoldenCheckpoint,
) {
  const model = await (await openHuggingFace(folder)).load();
  return scope(() => relativeL2(model.logits(ids(tokens, [1, tokens.length])).values(), wanted));
}

function deviation(values: readonly number[]): number {
  const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
  return Math.sqrt(values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / values.length);
}

/** Zeros instead of what the pattern names: as if a reader had left it out. */
function without(pattern: RegExp) {
  return (x: NamedValues): NamedValues =>
    pattern.test(x.name) ? { ...x, values: new Float32Array(x.values.length) } : x;
}

/** Rows of queries and keys in the order that pairs (2j, 2j + 1) would need. */
function interleaved(x: NamedValues): NamedValues {
  if (!/[qk]_proj\.weight$/.test(x.name)) return x;
  const half = 4; // of heads of 8
  return rows(x, (row) => row - (row % 8) + (row % 2) * half + Math.floor((row % 8) / 2));
}

/** Rows of a fused matrix as if all queries came first. */
function fusedByKind(x: NamedValues): NamedValues {
  if (!/query_key_value/.test(x.name)) return x;
  return rows(x, (row) => Math.floor((row % 32) / 16) * 48 + Math.floor(row / 32) * 16 + (row % 16));
}

function rows(x: NamedValues, source: (row: number) => number): NamedValues {
  const size = x.values.length / x.shape[0]!;
  return {
    ...x,
    values: x.values.map((_, i) => x.values[source(Math.floor(i / size)) * size + (i % size)]!),
  };
}
