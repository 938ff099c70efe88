// What synthesizers refuse, with the reason; and where decoding begins and ends.
import { describe, expect, test } from "vitest";
import type { AttentionName } from "../../src/attention";
import { completeOptions } from "../../src/attention/options";
import { gptConfig } from "../../src/models/config";
import { gpt } from "../../src/models/gpt";
import { Run } from "../../src/nn/run";
import { rng } from "../../src/tensor/rng";
import { ids, scope, tensor } from "../../src/tensor/tensor";
import { apply, expectNear, inputs, make, type Setup } from "./synthesizer-layer";

const synthesizers: readonly AttentionName[] = [
  "dense-synthesizer",
  "random-synthesizer",
  "fixed-random",
  "factorized-random",
  "factorized-dense",
  "factorized-dense-transposed",
];
const base: Setup = { width: 4, context: 6, heads: 2 };

test.each(synthesizers)("%s: more tokens than its tables have positions", (attention) => {
  scope(() => {
    const name = attention.startsWith("factorized-dense") ? "factorized-dense" : attention;
    const x = inputs(1, 7, 4);
    expect(() => apply(make(attention, base), tensor(x.values, x.shape))).toThrow(
      `${name}: its tables have 6 positions, got 7 tokens; shorten the input`,
    );
  });
});

test.each([...synthesizers, "mixture"] as const)(
  "%s: padding on the left would shift positions",
  (attention) => {
    scope(() => {
      const x = inputs(2, 6, 4);
      const padding = { lengths: [6, 3], side: "left" } as const;
      expect(() => apply(make(attention, base), tensor(x.values, x.shape), new Run({ padding }))).toThrow(
        /padding on the left shifts positions, which .* counts from the start; pad on the right/,
      );
    });
  },
);

test.each([
  [{ tile: 4 }, "got 4 and none"],
  [{ tiles: 5 }, "got none and 5"],
  [{ tile: 2, tiles: 2 }, "got 2 and 2"],
  [{ tile: 12, tiles: 1 }, "got 12 and 1"],
])("factors that do not multiply to the context: %j", (options, end) => {
  scope(() => {
    expect(() => make("factorized-dense", { ...base, ...options })).toThrow(
      `factorized-dense: tile times tiles must be the context of 6, ${end}`,
    );
  });
});

test.each([
  ["", "two members at least are needed, one alone would be no mixture, got 0"],
  ["dot-product", "two members at least are needed, one alone would be no mixture, got 1"],
  ["dot-product,", "two members at least are needed, one alone would be no mixture, got 1"],
  ["dot-product,mixture", "members must be among dot-product, dense-synthesizer, random-synthesizer"],
  ["dot-product,dance", 'got "dance"'],
])("a mixture of %j", (members, message) => {
  scope(() => {
    expect(() => make("mixture", { ...base, members })).toThrow(message);
    expect(() => gpt({ vocabulary: 5, attention: "mixture", members }, rng(1))).toThrow(message);
  });
});

test("a sigmoid divides between two", () => {
  scope(() => {
    const members = "random-synthesizer,dense-synthesizer,dot-product";
    expect(() => make("mixture", { ...base, alpha: "sigmoid", members })).toThrow(
      "mixture: alpha sigmoid divides between two members, got 3; use softmax",
    );
  });
});

test("a mixture whose members have no keys has none for positions that turn them", () => {
  const given = { vocabulary: 5, attention: "mixture", position: "rope" } as const;
  expect(gptConfig({ ...given, members: "random-synthesizer,dot-product" }).position).toBe("rope");
  expect(() => gptConfig({ ...given, members: "random-synthesizer,dense-synthesizer" })).toThrow(
    "gpt: position rope works on queries and keys, which mixture has not",
  );
});

test("options: what they may be, and presets that stand behind what is given", () => {
  const place = (given: object) => () => completeOptions("gpt", given);
  expect(place({ alpha: "max" })).toThrow("gpt: alpha must be one of softmax, sigmoid, sum, got max");
  expect(place({ preset: "tay" })).toThrow("gpt: preset must be one of paper, mesh, lra, got tay");
  expect(place({ rank: 0 })).toThrow("gpt: rank must be a whole number of at least 1, got 0");
  expect(place({ rank: 1.5 })).toThrow("gpt: rank must be a whole number of at least 1, got 1.5");
  expect(place({ spread: -1 })).toThrow("gpt: spread must be a number of at least 0, got -1");
  expect(place({ members: 3 })).toThrow("gpt: members must be text, got 3");
  expect(place({})()).toMatchObject({
    alpha: "softmax",
    alphaPer: "head",
    tables: "normal",
    rank: 8,
    ownBias: "yes",
  });
  expect(place({ preset: "mesh", rank: 4 })()).toMatchObject({
    ...{ alpha: "sigmoid", alphaPer: "layer", tables: "glorot", second: "shared", ownBias: "no" },
    rank: 4,
  });
  expect(place({ preset: "lra" })()).toMatchObject({ alpha: "sum", rank: 32, ownBias: "yes" });
});

describe("U15: decoding", () => {
  test.each([...synthesizers, "dot-product", "mixture"] as const)(
    "%s: token by token to the last position is the whole, and no further",
    (attention) => {
      const context = 6;
      const position = "learned";
      const model = gpt(
        { vocabulary: 7, context, width: 8, heads: 2, layers: 2, attention, position },
        rng(2),
      );
      const tokens = [3, 1, 4, 1, 5, 6];
      scope(() => {
        const whole = model.logits(ids(tokens, [1, context])).values();
        const state = model.createState(1);
        const steps = tokens.flatMap((token) => [...model.next(ids([token], [1, 1]), state).values()]);
        expectNear(steps, whole, 1e-6);
        expect(() => model.next(ids([2], [1, 1]), state)).toThrow(
          "gpt: at most 6 tokens fit the context, got 7; shorten the input",
        );
        state.release();
      });
    },
  );
});

test("tables begin as said: normal with their deviation, or within Glorot's limit, where attention is almost even", () => {
  scope(() => {
    const setup = { width: 8, context: 64, heads: 8 };
    const table = (attention: AttentionName, options: Partial<Setup> = {}) => {
      const { scores } = make(attention, { ...setup, ...options }).layer;
      return (scores as unknown as Record<string, { values(): Float32Array }>)[
        attention === "factorized-random" ? "left" : "table"
      ]!.values();
    };
    const deviation = (values: Float32Array) =>
      Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);
    // 32768 numbers: the deviation of theirs is off by 0.4 % at one sigma.
    expect(deviation(table("random-synthesizer"))).toBeCloseTo(0.5, 2);
    expect(Math.abs(deviation(table("fixed-random")) - 1)).toBeLessThan(0.02);
    expect(Math.abs(deviation(table("fixed-random", { spread: 2 })) - 2)).toBeLessThan(0.04);
    expect(Math.abs(deviation(table("factorized-random", { rank: 16 })) - 0.5)).toBeLessThan(0.02);
    const limit = Math.sqrt(6 / (8 * 64 + 64 * 64));
    const glorot = table("random-synthesizer", { tables: "glorot" });
    const most = glorot.reduce((a, value) => Math.max(a, Math.abs(value)), 0);
    expect(most).toBeLessThanOrEqual(limit);
    expect(most).toBeGreaterThan(0.99 * limit);
  });
});
