// Configurations are completed with defaults and refused in one sentence.
import { expect, test } from "vitest";
import { standardOptions } from "../../src/attention/options";
import { type GptConfig, gptConfig } from "../../src/models/config";
import { gpt } from "../../src/models/gpt";
import { completed, makeModel } from "../../src/models/make";
import { parameterCount } from "../../src/nn/module";
import { rng } from "../../src/tensor/rng";
import { ids, scope } from "../../src/tensor/tensor";
import { loadModel, saveModel } from "../../src/train/checkpoint";
import { decode, encode } from "../../src/train/safetensors";

test("defaults follow from what is given", () => {
  const config = gptConfig({ vocabulary: 10, width: 24, heads: 3 });
  expect(config).toMatchObject({
    kvHeads: 3,
    mlpWidth: 96,
    context: 64,
    layers: 2,
    attention: "dot-product",
  });
  expect(gptConfig(config)).toEqual(config);
  expect(JSON.stringify(gptConfig(config))).toBe(JSON.stringify(config));
});

/** What was saved when there were no other settings. */
const early = {
  vocabulary: 5,
  context: 6,
  width: 8,
  layers: 1,
  norm: "layernorm",
  normEpsilon: 1e-5,
  bias: false,
  tied: true,
  dropout: 0,
} as const;

test.each([
  [
    {
      kind: "gpt",
      config: {
        ...early,
        heads: 2,
        kvHeads: 2,
        mlpWidth: 32,
        attention: "dot-product",
        position: "learned",
        activation: "gelu",
      },
    },
    {
      ...{ index: "plain", scale: "inverse-sqrt", mask: "causal", normalizer: "softmax" },
      ...{ mlp: "plain", residual: "sequential" },
    },
  ],
  [
    { kind: "gau", config: { ...early, innerWidth: 16, position: "rope" } },
    {
      ...{ index: "plain", scale: "inverse-sqrt", mask: "causal", normalizer: "relu2" },
      keyWidth: 8,
      placement: "pre",
      heads: 1,
      kvHeads: 1,
    },
  ],
] as const)(
  "an early configuration gets the defaults of newer settings, in a file too: %j",
  (described, newer) => {
    const whole = completed(described);
    expect(whole).toEqual({
      kind: described.kind,
      config: { ...described.config, ...newer, ...standardOptions },
    });
    scope(() => {
      const model = makeModel(whole, rng(1));
      const file = decode(saveModel(model));
      const stored = [...file.tensors].map(([name, { shape, data }]) => {
        return { name, dtype: "F32" as const, shape, data: Float32Array.from(data) };
      });
      const old = loadModel(encode(stored, { ...file.metadata, "heed.model": JSON.stringify(described) }));
      expect(old.config).toEqual(whole.config);
      const tokens = ids([3, 1, 4, 1], [1, 4]);
      expect(old.logits(tokens).values()).toEqual(model.logits(tokens).values());
    });
  },
);

test.each<[Partial<GptConfig>, number]>([
  // token + position + layers (4 C² attention + 8 C² mlp + 2 C norms) + C final norm, C = 8
  [{}, 5 * 8 + 6 * 8 + 2 * (12 * 64 + 16) + 8],
  [{ position: "rope" }, 5 * 8 + 2 * (12 * 64 + 16) + 8],
  [{ tied: false, norm: "none" }, 2 * 5 * 8 + 6 * 8 + 2 * 12 * 64],
  [{ kvHeads: 1, position: "none" }, 5 * 8 + 2 * (11 * 64 + 16) + 8],
  [{ bias: true, layers: 1 }, 5 * 8 + 6 * 8 + (12 * 64 + 4 * 8 + 32 + 8 + 32) + 16],
  [{ layers: 0 }, 5 * 8 + 6 * 8 + 8],
])("%j has its number of parameters", (changes, count) => {
  scope(() => {
    expect(parameterCount(gpt({ vocabulary: 5, context: 6, width: 8, heads: 2, ...changes }, rng(1)))).toBe(
      count,
    );
  });
});

test.each<[Record<string, unknown>, string]>([
  [{ layer: 3 }, 'gpt: there is no setting "layer"; there are vocabulary, context, width, layers, heads'],
  [{ width: 10, heads: 4 }, "gpt: heads must divide width, got heads 4 and width 10"],
  [{ kvHeads: 3 }, "gpt: kvHeads must divide heads, got kvHeads 3 and heads 4"],
  [{ layers: 1.5 }, "gpt: layers must be a whole number of at least 0, got 1.5"],
  [{ vocabulary: 0 }, "gpt: vocabulary must be a whole number of at least 1, got 0"],
  [{ context: Number.NaN }, "gpt: context must be a whole number of at least 1, got NaN"],
  [{ width: "64" }, "gpt: width must be a whole number of at least 1, got 64"],
  [{ dropout: 1 }, "gpt: dropout must be in [0, 1), got 1"],
  [{ dropout: Number.NaN }, "gpt: dropout must be in [0, 1), got NaN"],
  [{ normEpsilon: 0 }, "gpt: normEpsilon must be above 0, got 0"],
  [{ attention: "dot" }, "gpt: attention must be one of dot-product"],
  [
    { activation: "toString" },
    'gpt: activation must be one of relu, gelu, gelu-tanh, silu, square-relu, got "toString"',
  ],
  [
    { position: "rope", width: 12, heads: 4 },
    "rope: heads must have an even width, got 3; change width or heads",
  ],
])("%j is refused", (changes, rule) => {
  // Not typed on purpose: what comes from a file or a command line.
  const make = () => scope(() => gpt({ vocabulary: 5, ...changes } as Parameters<typeof gpt>[0], rng(1)));
  expect(make).toThrow(rule);
});
