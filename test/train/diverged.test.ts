// Training that goes wrong stops with the step and the first op, and leaves the parameters of before; misuse is refused.
import { describe, expect, test } from "vitest";
import { type Gpt, gpt } from "../../src/models/gpt";
import { namedParameters } from "../../src/nn/module";
import { heap } from "../../src/runtime/instance";
import { rng } from "../../src/tensor/rng";
import { floats, ids, scope } from "../../src/tensor/tensor";
import { saveModel } from "../../src/train/checkpoint";
import { evaluate } from "../../src/train/evaluate";
import { adamw, sgd } from "../../src/train/optimizer";
import { DivergedError, type TrainOptions, train } from "../../src/train/trainer";
import { batches, config, tokens } from "./task";

const options = { batches: batches(), learningRate: 1e-2, steps: 20 };

/** The error that training ends with, and whether the model is then as after the last good step. */
function diverge(spoil: (model: Gpt) => void, changes: Partial<TrainOptions> = {}) {
  return scope(() => {
    const model = gpt(config, rng(1));
    spoil(model);
    let good = saveModel(model);
    try {
      for (const _ of train(model, { ...options, ...changes })) good = saveModel(model);
    } catch (error) {
      return { error, untouched: sameBytes(saveModel(model), good) };
    }
    return { error: undefined, untouched: false };
  });
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

describe("a loss that is no number", () => {
  test("from a huge learning rate names the step and the op", () => {
    const { error, untouched } = diverge(() => {}, { learningRate: 1e38 });
    expect(error).toBeInstanceOf(DivergedError);
    expect(String(error)).toMatch(
      /^DivergedError: train: step 2 gave NaN or infinity, first in [a-zA-Z]+ \[[\d,]*\]; lower the learning rate or clip the gradients$/,
    );
    expect((error as DivergedError).step).toBe(2); // checked above
    expect(untouched).toBe(true);
  });

  test.each([
    ["token.weight", "embedding [4,8,16]"],
    ["blocks.0.norm1.gain", "layernorm [4,8,16]"],
    ["blocks.1.attention.scores.query.weight", "linear [4,8,16]"],
    ["blocks.1.mlp.up.bias", "linear [4,8,64]"],
    ["unembedding.weight", "linear [4,8,11]"],
  ])("from a NaN in %s is traced to %s", (path, op) => {
    const { error, untouched } = diverge((model) =>
      floats(namedParameters(model).get(path)!).fill(Number.NaN),
    );
    expect(String(error)).toBe(
      `DivergedError: train: step 1 gave NaN or infinity, first in ${op}; lower the learning rate or clip the gradients`,
    );
    expect(untouched).toBe(true);
  });

  test("from a learning rate that is none is refused before the step", () => {
    const { error, untouched } = diverge(() => {}, {
      learningRate: (step) => (step < 3 ? 1e-3 : Number.NaN),
    });
    expect(String(error)).toBe(
      "Error: train: learningRate must be a number of at least 0, got NaN for step 3",
    );
    expect(untouched).toBe(true);
  });

  test("leaves no memory behind", () => {
    const before = heap().liveBytes;
    diverge(() => {}, { learningRate: 1e38 });
    expect(heap().liveBytes).toBe(before);
  });
});

describe("misuse of training is refused", () => {
  test.each<[string, (model: Gpt) => unknown, string]>([
    [
      "steps",
      (model) => [...train(model, { ...options, steps: 1.5 })],
      "train: steps must be a whole number of at least 0, got 1.5",
    ],
    ["clip", (model) => [...train(model, { ...options, clip: 0 })], "train: clip must be above 0, got 0"],
    [
      "a token outside of the vocabulary",
      (model) => [
        ...train(model, {
          ...options,
          batches: () => ({ ...options.batches(0), inputs: new Int32Array(32).fill(11) }),
        }),
      ],
      "embedding: ids must be 0..10 for token.weight [11,16], got 11",
    ],
    [
      "a target outside of the vocabulary",
      (model) => [
        ...train(model, {
          ...options,
          batches: () => ({ ...options.batches(0), targets: new Int32Array(32).fill(12) }),
        }),
      ],
      "crossEntropy: targets must be below 11, got 12",
    ],
    [
      "windows longer than the context",
      (model) => [...train(model, { ...options, batches: batches(2, 9) })],
      "gpt: at most 8 tokens fit the context, got 9; shorten the input",
    ],
    ["ids without a batch axis", (model) => model.logits(ids([1, 2])), "gpt: ids must be [B,T], got [2]"],
    [
      "ids that are no whole numbers",
      (model) => model.logits(ids([1, 2.5], [1, 2])),
      "ids: values must be 32-bit integers, got 2.5",
    ],
    [
      "ids that are NaN",
      (model) => model.logits(ids([1, Number.NaN], [1, 2])),
      "ids: values must be 32-bit integers, got NaN",
    ],
    [
      "targets of another shape",
      (model) => model.loss(ids([1, 2], [1, 2]), ids([1, 2, 3], [1, 3])),
      "crossEntropy: targets must be logits' shape without its last axis, got [1,3] and [1,2,11]",
    ],
    [
      "a text of one token",
      (model) => evaluate(model, tokens(1)),
      "corpus: a context of 1 needs at least 2 tokens to train on, got 1; use a shorter context or a longer text",
    ],
    [
      "beta1",
      (model) => adamw(namedParameters(model), { beta1: 1 }),
      "optimizer: beta1 must be in [0, 1), got 1",
    ],
    [
      "momentum",
      (model) => sgd(namedParameters(model), { momentum: -0.1 }),
      "optimizer: momentum must be in [0, 1), got -0.1",
    ],
  ])("%s", (_, misuse, rule) => {
    const before = heap().liveBytes;
    expect(() => scope(() => misuse(gpt(config, rng(1))))).toThrow(rule);
    expect(heap().liveBytes).toBe(before);
  });
});
