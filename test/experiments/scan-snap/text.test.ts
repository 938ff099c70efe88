// Runs on a text: the model against its twin, the recipe's two rates, bits, and what is refused.
import { describe, expect, test } from "vitest";
import { attentionPatterns } from "../../../src/analysis/probe";
import type { Experiment } from "../../../src/experiments/experiment";
import { TextModel } from "../../../src/experiments/scan-snap/text-model";
import {
  expectText,
  recipeOptimizer,
  type TextConfig,
  type TextMetrics,
} from "../../../src/experiments/scan-snap/text-run";
import { scanSnapText } from "../../../src/experiments/scan-snap-text";
import { executeTrial } from "../../../src/experiments/trial";
import { digest } from "../../../src/math/digest";
import { namedParameters } from "../../../src/nn/module";
import { full } from "../../../src/ops/random";
import { rng } from "../../../src/tensor/rng";
import { floats, ids, scope } from "../../../src/tensor/tensor";
import { encoderForward, type Rows } from "../../reference/encoder";

const config = { vocabulary: 7, context: 6, width: 8, layers: 2, dropout: 0.2 };

test("logits and attention are those of the definition, and a tap on the weights changes nothing", () => {
  const model = new TextModel(config, rng(3));
  const sequence = [3, 0, 6, 6, 2];
  const parameters = namedParameters(model);
  const matrix = (name: string): Rows => {
    const x = parameters.get(name)!;
    const [R, C] = x.shape as [number, number];
    return Array.from({ length: R }, (_, i) => [...floats(x).subarray(i * C, (i + 1) * C)]);
  };
  const linear = (name: string) => ({
    weight: matrix(`${name}.weight`),
    bias: [...floats(parameters.get(`${name}.bias`)!)],
  });
  const blocks = [0, 1].map((i) =>
    Object.fromEntries(
      ["query", "key", "value", "output", "mlp.up", "mlp.down"].map((name) => [
        name.replace("mlp.", ""),
        linear(`blocks.${i}.${name}`),
      ]),
    ),
  );
  const twin = encoderForward({ token: matrix("token"), decoder: linear("decoder"), blocks }, sequence);
  const logits = scope(() => model.logits(ids(sequence, [1, 5])).values());
  for (const [at, value] of twin.logits.flat().entries())
    expect(Math.abs(logits[at]! - value)).toBeLessThan(2e-6);
  const patterns = attentionPatterns(model, sequence);
  for (const { layer, weights } of patterns) {
    for (const [at, value] of twin.attention[layer]!.flat().entries())
      expect(Math.abs(weights[at]! - value)).toBeLessThan(1e-6);
  }
  expect(patterns).toHaveLength(2);
  expect(scope(() => model.logits(ids(sequence, [1, 5])).values())).toEqual(logits);
});

test("dropout drops only where there is randomness, and decoding reads what was read before", () => {
  const model = new TextModel(config, rng(3));
  const read = (options: object) => scope(() => model.logits(ids([1, 2, 3], [1, 3]), options).values());
  expect(read({})).toEqual(read({}));
  expect(read({ rng: rng(1) })).not.toEqual(read({}));
  expect(read({ rng: rng(1) })).toEqual(read({ rng: rng(1) }));
  const state = model.createState(1);
  scope(() => model.next(ids([1, 2], [1, 2]), state));
  const last = scope(() => model.next(ids([3], [1, 1]), state).values());
  expect(last).toEqual(read({}).slice(-7));
  const long = () => scope(() => model.logits(ids([0, 0, 0, 0, 0, 0, 0], [1, 7])));
  expect(long).toThrow("at most 6 tokens fit the context, got 7");
});

test("the recipe moves the lowest MLP's weights at twice the rate of all others", () => {
  const model = new TextModel(config, rng(3));
  const parameters = namedParameters(model);
  const before = new Map([...parameters].map(([name, x]) => [name, x.values()]));
  const optimizer = recipeOptimizer("sgd", parameters);
  scope(() => {
    const gradients = [...parameters.values()].map(({ shape }) => full(shape, 1));
    optimizer.step(gradients, { learningRate: 0.25, gradientScale: 0.5 });
  });
  for (const [name, x] of parameters) {
    const moved = before.get(name)![0]! - floats(x)[0]!;
    const fast = name === "blocks.0.mlp.up.weight" || name === "blocks.0.mlp.down.weight";
    expect(Math.abs(moved - (fast ? 0.25 : 0.125))).toBeLessThan(1e-6);
  }
  expect(optimizer.steps).toBe(1);
  optimizer.release();
});

const tiny: TextConfig = {
  ...scanSnapText.grid.smoke.configs[0]!,
  steps: 6,
  width: 16,
  context: 12,
  batch: 4,
};
const experiment: Experiment = scanSnapText;

test("a run gives the same bits everywhere", async () => {
  const { metrics } = await executeTrial(experiment, { config: tiny, seed: 2 }, () => {});
  const { entropy, loss, heldOut, maps } = metrics as TextMetrics; // of this experiment
  expect(maps.map(({ step }) => step)).toEqual([0, 1, 2, 3, 4, 5, 6]);
  for (const { weights } of maps) {
    for (const [i, row] of weights.entries()) {
      expect(row.slice(i + 1).every((weight) => weight === 0)).toBe(true);
      expect(Math.abs(row.reduce((a, b) => a + b) - 1000)).toBeLessThanOrEqual(6);
    }
  }
  expect(digest([...entropy.flat(2), ...loss.flat(), heldOut!])).toBe("9505f6b58380583a");
});

test("it reads the text that it is given", async () => {
  const text = "one two three four five six ".repeat(60);
  const run = { config: { ...tiny, text: "counting.txt", steps: 30, learningRate: 1 }, seed: 2 };
  const { metrics } = await executeTrial(experiment, run, () => {}, { text });
  const { tokens, heldOut } = metrics as TextMetrics; // of this experiment
  expect(new Set(tokens)).toEqual(new Set(["one", "two", "three", "four", "five", "six"]));
  expect(heldOut).toBeLessThan(1.5); // ln 6 = 1.79 without having learned
});

test("a rate at which training diverges is an answer: the steps that were taken", async () => {
  const run = { config: { ...tiny, learningRate: 1e20, steps: 12 }, seed: 2 };
  const { metrics } = await executeTrial(experiment, run, () => {});
  const { stepsTaken, heldOut, entropy } = metrics as TextMetrics; // of this experiment
  expect(stepsTaken).toBeLessThan(12);
  expect(heldOut).toBeNull();
  expect(entropy[0]!.every(([, value]) => Number.isFinite(value))).toBe(true);
});

describe("refused before any step", () => {
  test.each([
    [{ learningRate: 0 }, undefined, "scan-snap-text: learningRate must be above 0, got 0"],
    [{ optimizer: "sdg" }, undefined, 'optimizer must be one of sgd, adam, got "sdg"'],
    [{ dropout: 1 }, undefined, "scan-snap-text: dropout must be in [0, 1), got 1"],
    [{ context: 1 }, undefined, "scan-snap-text: context must be a whole number of at least 2, got 1"],
    [{ words: 1 }, undefined, "scan-snap-text: words must be a whole number of at least 2, got 1"],
    [{ text: "book" }, undefined, 'text must come by --text FILE, got the name "book" alone'],
    [{ text: "book" }, "the, the. the!", 'a text must have at least two distinct words, got only "the"'],
    [{ text: "book" }, "...", "scan-snap-text: a text must have at least two distinct words, got none"],
    [{ text: "book" }, "", "scan-snap-text: a text must have at least two distinct words, got none"],
    [{ text: "book" }, "to be or not", "a context of 12 needs at least 13 tokens"],
  ])("%o, %s", (change, text, message) => {
    expect(() => expectText({ ...tiny, ...change }, text === undefined ? {} : { text })).toThrow(message);
  });
});
