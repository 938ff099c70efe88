// What is exported loads again to the same bits, and what has no twin is refused with the nearest.
import { describe, expect, test } from "vitest";
import { exportHuggingFace, exportOnnx } from "../../src/checkpoints/export";
import { openHuggingFace } from "../../src/checkpoints/huggingface";
import { attentionOnly } from "../../src/models/attention-only";
import type { GptConfig } from "../../src/models/config";
import { gau } from "../../src/models/gau";
import { type Gpt, gpt } from "../../src/models/gpt";
import { namedTensors } from "../../src/nn/module";
import { rng } from "../../src/tensor/rng";
import { floats, ids, scope } from "../../src/tensor/tensor";
import logits from "./fixtures/logits.json";
import { type GoldenCheckpoint, goldenTensors, memoryFolder, safetensors } from "./folder";

const cases: Readonly<Record<string, GoldenCheckpoint>> = logits;
const sizes = { vocabulary: 11, context: 12, width: 16, layers: 2, heads: 4 };
const TOKENS = [3, 1, 4, 1, 5, 9, 2, 6];

describe.each(Object.entries(cases))("%s", (_, checkpoint) => {
  test("read, written and read again: the same configuration and the same bits", async () => {
    const files = {
      "config.json": checkpoint.config,
      "model.safetensors": safetensors(goldenTensors(checkpoint)),
    };
    const first = await (await openHuggingFace(memoryFolder(files))).load();
    const { settings } = exportHuggingFace(first);
    expect(settings.model_type).toBe(checkpoint.config.model_type);
    const again = await loadAgain(first);
    expect(again.config).toEqual(first.config);
    expect(bits(again)).toEqual(bits(first));
  });
});

const own: readonly (readonly [string, Partial<GptConfig>])[] = [
  ["gpt2", {}],
  ["gpt2", { bias: true, tied: false, activation: "relu", mlpWidth: 24 }],
  ["gpt_neox", { position: "rope" }],
  ["gpt_neox", { position: "rope", residual: "parallel", rotaryWidth: 2, bias: true, ropeBase: 500 }],
  ["llama", { position: "rope", norm: "rmsnorm", mlp: "gated", activation: "silu", kvHeads: 2 }],
  [
    "llama",
    { position: "rope", norm: "rmsnorm", mlp: "gated", ropeStretch: 4, tied: false, bias: "attention" },
  ],
  ["qwen2", { position: "rope", norm: "rmsnorm", mlp: "gated", bias: "query-key-value" }],
  ["mistral", { position: "rope", norm: "rmsnorm", mlp: "gated", mask: "sliding-window", window: 4 }],
];

test.each(own)("heed's own as %s, %j: the same logits, to the bit", async (type, config) => {
  const model = gpt({ ...sizes, ...config }, rng(7));
  for (const [name, x] of namedTensors(model)) spread(name, floats(x));
  expect(exportHuggingFace(model).settings.model_type).toBe(type);
  const again = await loadAgain(model);
  const known = bits(again);
  for (const [name, values] of Object.entries(bits(model))) expect(known[name], name).toEqual(values);
  // A base with the stretching worked in is rounded once more.
  const close = (config.ropeStretch ?? 1) > 1 ? 5 : undefined;
  const [a, b] = [answers(again), answers(model)];
  if (close === undefined) expect(a).toEqual(b);
  else for (const [i, value] of b.entries()) expect(a[i]).toBeCloseTo(value, close);
});

test.each<[Parameters<typeof exportHuggingFace>[0], RegExp]>([
  [gpt({ ...sizes, position: "alibi" }, rng(1)), /gpt2 would, but for position alibi \(must be learned\)$/],
  [
    gpt({ ...sizes, position: "rope", norm: "rmsnorm" }, rng(1)),
    /has these settings; gpt-neox would, but for norm rmsnorm \(must be layernorm\)$/,
  ],
  [
    gpt({ ...sizes, position: "rope", norm: "rmsnorm", mlp: "gated", scale: "log-n" }, rng(1)),
    /llama would, but for scale log-n \(must be inverse-sqrt\)$/,
  ],
  [gpt({ ...sizes, kvHeads: 2 }, rng(1)), /gpt2 would, but for kvHeads 2 \(must be as many as heads, 4\)$/],
  [
    gpt(
      { ...sizes, position: "rope", norm: "rmsnorm", mlp: "gated", mask: "sliding-window", bias: true },
      rng(1),
    ),
    /llama would, but for bias true under a sliding window \(must be false or query-key-value\)$/,
  ],
  [
    gpt({ ...sizes, attention: "dense-synthesizer", normalizer: "l2" }, rng(1)),
    /gpt2 would, but for attention dense-synthesizer \(must be dot-product\), normalizer l2 \(must be softmax\)$/,
  ],
  [gau({ vocabulary: 5 }, rng(1)), /^export: a model must be a gpt .*, got gau; train one with --model gpt$/],
  [attentionOnly({ vocabulary: 5 }, rng(1)), /, got attention-only; train one with --model gpt$/],
])("%# is refused with the nearest that would do", (model, message) => {
  expect(() => exportHuggingFace(model)).toThrow(message);
  expect(() => exportOnnx(model)).toThrow(message);
});

test("dynamic rope has no ONNX graph", () => {
  const model = gpt({ ...sizes, position: "rope", ropeScaling: "dynamic", ropeFactor: 2 }, rng(1));
  expect(() => exportOnnx(model)).toThrow(/^export: rope scaling dynamic has other tables for every length/);
});

async function loadAgain(model: Gpt): Promise<Gpt> {
  const { settings, files } = exportHuggingFace(model);
  return (
    await openHuggingFace(memoryFolder({ "config.json": settings, ...Object.fromEntries(files) }))
  ).load();
}

function bits(model: Gpt): Record<string, Int32Array> {
  const entries = [...namedTensors(model)];
  return Object.fromEntries(entries.map(([name, x]) => [name, new Int32Array(floats(x).slice().buffer)]));
}

function answers(model: Gpt): Float32Array {
  return scope(() => model.logits(ids(TOKENS, [1, TOKENS.length])).values());
}

/** Values far from those of a new model, whose biases are 0 and gains 1. */
function spread(name: string, x: Float32Array): void {
  for (let i = 0; i < x.length; i++)
    x[i] = (name.endsWith("gain") ? 1 : 0) + 0.5 * Math.fround(((i * 7919 + name.length) % 101) / 50 - 1);
}
