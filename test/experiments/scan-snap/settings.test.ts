// Settings, classes and metrics: sizes and probabilities of the paper's data, and what is refused before any step.
import { describe, expect, test } from "vitest";
import { makeClasses } from "../../../src/experiments/scan-snap/classes";
import {
  classAttention,
  commonMass,
  distinctEntropy,
  recall,
} from "../../../src/experiments/scan-snap/metrics";
import { classesOf, expectOneLayer, synSmall } from "../../../src/experiments/scan-snap/settings";

describe("the data", () => {
  test.each([
    [1, 33],
    [3, 79],
    [5, 125],
    [10, 240],
  ])("Syn-Medium of %i queries has %i tokens", (numLast, tokens) => {
    const data = classesOf({ ...synSmall, preset: "synMedium", numLast, nextPerLast: 2 });
    expect(data.tokens).toBe(tokens);
    expect(new Set(data.classes.map(({ query }) => query)).size).toBe(numLast);
    expect(data.classes.map(({ label }) => label)).toEqual(
      Array.from({ length: 2 * numLast }, (_, n) => tokens - 2 * numLast + n),
    );
  });

  test("Syn-Small: 34 tokens, common ones 1/15.5, distinct ones rising to it, each in one class", () => {
    const data = classesOf(synSmall);
    expect(data.tokens).toBe(34);
    const [a, b] = data.classes.map(({ support, probabilities }) =>
      Array.from({ length: 34 }, (_, l) => probabilities[support.indexOf(l)] ?? 0),
    ) as [number[], number[]];
    for (const row of [a, b]) expect(row.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 12);
    for (let l = 0; l < 10; l++) expect([a[l], b[l]]).toEqual([1 / 15.5, 1 / 15.5]);
    for (let i = 0; i < 10; i++) {
      expect(a[10 + i]).toBeCloseTo((0.1 + 0.1 * i) / 15.5, 12);
      expect([b[20 + i], a[20 + i], b[10 + i]]).toEqual([a[10 + i], 0, 0]);
    }
    expect(data.classes.map(({ query, label }) => [query, label])).toEqual([
      [30, 32],
      [31, 33],
    ]);
  });
});

describe("metrics at z = 0", () => {
  const data = classesOf(synSmall);
  const z = new Float64Array(34);
  const attention = classAttention(data.classes[1]!, z);

  test("entropy 2.15128 nats, common mass 0.6452", () => {
    expect(Math.abs(distinctEntropy(attention, data) - 2.15128)).toBeLessThan(1e-5);
    expect(commonMass(attention, data)).toBeCloseTo(10 / 15.5, 12);
  });

  test("recall counts own tokens whose share of softmax(z) reaches the threshold", () => {
    const one = data.classes[1]!;
    expect(recall(one, 10, z, 1 / 34 - 1e-9)).toBe(1);
    expect(recall(one, 10, z, 1 / 34 + 1e-9)).toBe(0);
    const risen = z.slice();
    risen[20] = 1;
    risen[29] = 2;
    expect(recall(one, 10, risen, Math.E / (32 + Math.E + Math.E ** 2) - 1e-9)).toBe(0.2);
  });
});

describe("refused", () => {
  test.each([
    [{ etaY: 0 }, "scan-snap: etaY must be above 0, got 0"],
    [{ etaZ: -1 }, "scan-snap: etaZ must be above 0, got -1"],
    [{ etaZ: Number.NaN }, "scan-snap: etaZ must be above 0, got NaN"],
    [{ momentum: 1 }, "scan-snap: momentum must be in [0, 1), got 1"],
    [
      { length: 1 },
      "length (T, a context token and the query at least) must be a whole number of at least 2, got 1",
    ],
    [{ steps: 0.5 }, "scan-snap: steps must be a whole number of at least 1, got 0.5"],
    [{ batch: 0 }, "scan-snap: batch must be a whole number of at least 1, got 0"],
    [{ preset: "synSmal" }, 'preset must be one of synSmall, synMedium, snapSingleCT, got "synSmal"'],
    [{ mode: "batch" }, 'mode must be one of population, minibatch, got "batch"'],
    [{ optimizer: "adamw" }, 'optimizer must be one of sgd, adam, got "adamw"'],
    [{ precision: "f16" }, 'precision must be one of f64, f32, got "f16"'],
    [{ numLast: 0 }, "classes: queries must be a whole number of at least 1, got 0"],
    [{ tokens: 33 }, "classes: 2 classes need 34 tokens, got 33; use fewer classes or more tokens"],
    [{ numLast: 20, tokens: 34 }, "classes: 20 classes need 250 tokens, got 34"],
  ])("%o", (change, message) => {
    expect(() => expectOneLayer({ ...synSmall, ...change })).toThrow(message);
  });

  test("weights that are no probabilities, and classes without a token of their own", () => {
    const options = { queries: 1, nextPerQuery: 1, commonWeights: [1], distinctWeights: [1] };
    expect(() => makeClasses({ ...options, commonWeights: [0] })).toThrow("weights must be above 0, got 0");
    expect(() => makeClasses({ ...options, distinctWeights: [] })).toThrow(
      "needs a distinct token, got none",
    );
  });
});
