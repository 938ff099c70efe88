// Checkpoints that do not fit are refused in one sentence, and leave model and optimiser as they were.
import { describe, expect, test } from "vitest";
import { digest } from "../../src/math/digest";
import { gpt } from "../../src/models/gpt";
import { namedParameters } from "../../src/nn/module";
import { rng } from "../../src/tensor/rng";
import { scope } from "../../src/tensor/tensor";
import { loadModel, restoreTraining, saveModel, saveTraining } from "../../src/train/checkpoint";
import { adamw, sgd } from "../../src/train/optimizer";
import { decode, encode, type TensorToStore } from "../../src/train/safetensors";
import { config } from "./task";

/** The file with its tensors and metadata changed. */
function edit(
  bytes: Uint8Array,
  change: (parts: { tensors: TensorToStore[]; metadata: Record<string, string> }) => {
    tensors?: TensorToStore[];
    metadata?: Record<string, string>;
  },
): Uint8Array {
  const file = decode(bytes);
  const tensors = [...file.tensors].map(([name, { shape, data }]) => {
    return { name, dtype: "F32" as const, shape, data: Float32Array.from(data) };
  });
  const changed = change({ tensors, metadata: file.metadata });
  return encode(changed.tensors ?? tensors, changed.metadata ?? file.metadata);
}

const model = () => gpt(config, rng(1));

describe("loadModel refuses", () => {
  test.each<[string, (bytes: Uint8Array) => Uint8Array, RegExp]>([
    [
      "a text",
      () => new TextEncoder().encode("hello, I am no model at all"),
      /^safetensors: .*another kind of file$/,
    ],
    [
      "nothing",
      () => new Uint8Array(),
      /^safetensors: a file starts with 8 bytes of header length, got 0 bytes in all$/,
    ],
    ["half a file", (bytes) => bytes.slice(0, bytes.length >> 1), /^safetensors: .*the file is truncated$/],
    [
      "another tool's file",
      (bytes) => edit(bytes, () => ({ metadata: { format: "pt" } })),
      /^loadModel: the file must be saved by heed \(metadata "heed\.model"\), got metadata \["format"\]$/,
    ],
    [
      "an unknown kind",
      (bytes) => edit(bytes, () => ({ metadata: { "heed.model": '{"kind":"rnn","config":{}}' } })),
      /^loadModel: the saved model must be one of gpt.*, got \{"kind":"rnn"/,
    ],
    [
      "a broken description",
      (bytes) => edit(bytes, () => ({ metadata: { "heed.model": "{" } })),
      /^loadModel: the saved model must be one of gpt.*, got \{$/,
    ],
    [
      "no configuration",
      (bytes) => edit(bytes, () => ({ metadata: { "heed.model": '{"kind":"gpt","config":null}' } })),
      /^loadModel: the saved model must be one of gpt/,
    ],
    [
      "a configuration that is not sound",
      (bytes) =>
        edit(bytes, ({ metadata }) => ({
          metadata: { "heed.model": metadata["heed.model"]!.replace('"heads":4', '"heads":3') },
        })),
      /^gpt: heads must divide width, got heads 3 and width 16$/,
    ],
    [
      "another configuration",
      (bytes) =>
        edit(bytes, ({ metadata }) => ({
          metadata: { "heed.model": metadata["heed.model"]!.replace('"vocabulary":11', '"vocabulary":12') },
        })),
      /^loadModel: token\.weight must be \[12,16\], got \[11,16\]$/,
    ],
    [
      "a missing tensor",
      (bytes) =>
        edit(bytes, ({ tensors }) => ({ tensors: tensors.filter(({ name }) => name !== "norm.gain") })),
      /^loadModel: tensors must be the model's; missing norm\.gain, unexpected none$/,
    ],
    [
      "foreign tensors",
      (bytes) =>
        edit(bytes, ({ tensors }) => ({
          tensors: tensors.map((x, i) => ({ ...x, name: i < 6 ? `other.${x.name}` : x.name })),
        })),
      /^loadModel: tensors must be the model's; missing .* and 2 more, unexpected other\..* and 2 more$/,
    ],
  ])("%s", (_, spoil, rule) => {
    const message = scope(() => thrown(() => loadModel(spoil(saveModel(model())))));
    expect(message).toMatch(rule);
    expect(message).not.toContain("\n");
  });
});

describe("restoreTraining refuses, and changes nothing", () => {
  const saved = () => {
    const other = gpt(config, rng(5));
    return saveTraining(other, adamw(namedParameters(other)));
  };
  test.each<[string, () => Uint8Array, RegExp]>([
    [
      "a model without a training state",
      () => saveModel(gpt(config, rng(5))),
      /^restoreTraining: the file must be saved by heed while training, got "heed\.steps" undefined$/,
    ],
    [
      "another configuration",
      () => {
        const other = gpt({ ...config, layers: 1 }, rng(5));
        return saveTraining(other, adamw(namedParameters(other)));
      },
      /^restoreTraining: the configuration must be the model's \{.*\}, got \{.*"layers":1/,
    ],
    [
      "another kind of optimiser",
      () => {
        const other = gpt(config, rng(5));
        return saveTraining(other, sgd(namedParameters(other), { momentum: 0.9 }));
      },
      /^optimizer: the saved state must be of the same kind of optimiser, got velocity\.token\.weight as well$/,
    ],
    [
      "a missing moment",
      () =>
        edit(saved(), ({ tensors }) => ({
          tensors: tensors.filter(({ name }) => name !== "optimizer.second.norm.gain"),
        })),
      /^optimizer: the saved state must hold second\.norm\.gain \[16\], got none$/,
    ],
    [
      "a missing weight",
      () =>
        edit(saved(), ({ tensors }) => ({
          tensors: tensors.filter(({ name }) => name !== "model.norm.gain"),
        })),
      /^loadModel: tensors must be the model's; missing norm\.gain, unexpected none$/,
    ],
    [
      "a step count that is none",
      () => edit(saved(), ({ metadata }) => ({ metadata: { ...metadata, "heed.steps": "many" } })),
      /^restoreTraining: .* got "heed\.steps" many$/,
    ],
    [
      "a negative step count",
      () => edit(saved(), ({ metadata }) => ({ metadata: { ...metadata, "heed.steps": "-3" } })),
      /^restoreTraining: .* got "heed\.steps" -3$/,
    ],
  ])("%s", (_, bytes, rule) => {
    scope(() => {
      const mine = model();
      const optimizer = adamw(namedParameters(mine));
      const before = digest(saveTraining(mine, optimizer));
      expect(thrown(() => restoreTraining(bytes(), mine, optimizer))).toMatch(rule);
      expect(digest(saveTraining(mine, optimizer))).toBe(before);
    });
  });

  test("adamw's state for plain sgd", () => {
    scope(() => {
      const mine = model();
      expect(thrown(() => restoreTraining(saved(), mine, sgd(namedParameters(mine))))).toBe(
        "optimizer: the saved state must be of the same kind of optimiser, got first.token.weight as well",
      );
    });
  });
});

function thrown(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof Error) return error.message;
  }
  return "nothing was thrown";
}
