// What synthesizers cost: formulas against layers and models that are there, and against the counts that were published.
import { describe, expect, test } from "vitest";
import { Attention } from "../../../src/attention/attention";
import { completeOptions, type Options } from "../../../src/attention/options";
import { translationSizes } from "../../../src/data/translation";
import { layerParameters, macsPerToken } from "../../../src/experiments/synthesizer/cost";
import { variantSettings, variants } from "../../../src/experiments/synthesizer/variants";
import type { GptConfig } from "../../../src/models/config";
import { tagger } from "../../../src/models/tagger";
import { parameterCount } from "../../../src/nn/module";
import { rng } from "../../../src/tensor/rng";
import { scope } from "../../../src/tensor/tensor";

const choice = {
  position: "none",
  index: "plain",
  scale: "one",
  mask: "causal",
  normalizer: "softmax",
} as const;

describe("formulas", () => {
  const forms: readonly Partial<GptConfig>[] = [
    ...Object.values(variants),
    { attention: "factorized-dense-transposed", tile: 3 },
    { attention: "factorized-random", rank: 5 },
    { attention: "dense-synthesizer", second: "shared" },
    { attention: "dense-synthesizer", ownBias: "no" },
    { attention: "mixture", preset: "mesh" },
    { attention: "mixture", preset: "lra" },
    { attention: "mixture", members: "random-synthesizer,dense-synthesizer,dot-product", alphaPer: "layer" },
  ];
  test.each(forms)("parameters of a layer: %j", (form) => {
    scope(() => {
      const sizes = { width: 12, heads: 3, context: 12 };
      const options = completeOptions("test", form);
      const config = { ...choice, ...options, attention: "dot-product", ...form, ...sizes } as const;
      const layer = new Attention(
        { ...config, kvHeads: 3, bias: false },
        { layer: 0, deviation: 1, outputDeviation: 1, rng: rng(1) },
      );
      expect(layerParameters(config)).toBe(parameterCount(layer));
    });
  });

  // d = 64, n = 256, 4 heads, a = b = 16, two sequences.
  test.each([
    ["V", 4 * 64 * 64 + 2 * 256 * 64],
    ["R", 2 * 64 * 64 + 256 * 64],
    ["Fixed", 2 * 64 * 64 + 256 * 64],
    ["FR", 2 * 64 * 64 + 256 * 64 + (256 * 4 * 8) / 2],
    ["D", 3 * 64 * 64 + 2 * 256 * 64],
    ["FD", 3 * 64 * 64 + 64 * 32 + 4 * 256 + 256 * 64],
    ["R+V", 4 * 64 * 64 + 2 * 256 * 64],
  ])("multiply-adds of %s for a token", (variant, wanted) => {
    const sizes = { width: 64, heads: 4, context: 256, attention: "dot-product" } as const;
    const config = { ...sizes, ...completeOptions("test", {}), ...variantSettings(variant) };
    expect(macsPerToken(config, 256, 2)).toBe(wanted);
  });
});

test.each([
  ["V", 14744],
  ["R", 13720],
  ["FR", 13720],
  ["Fixed", 12696],
  ["D", 14328],
  ["FD", 14040],
  ["FD tile-tile", 14040],
  // Its own weights for each of four heads instead of one for the layer: six more.
  ["R+V", 15770 + 6],
  ["D+V", 16378 + 6],
  ["R+D", 15354 + 6],
])("%s: the translation model has as many parameters as the published recipe", (variant, wanted) => {
  const sizes = { ...translationSizes, context: 16, width: 32, heads: 4, layers: 1 };
  scope(() => {
    const model = tagger({ ...sizes, ...variantSettings(variant) }, rng(1));
    expect(parameterCount(model)).toBe(wanted);
    const layer = tagger({ ...sizes, ...variantSettings(variant), alphaPer: "layer" }, rng(1));
    expect(parameterCount(layer)).toBe(wanted - (variant.includes("+") ? 6 : 0));
  });
});

/** Millions, as papers print them. */
const millions = (count: number) => count / 1e6;
const standard: Options = completeOptions("test", {});

describe("T5 base with synthesizers, as Narang et al. 2021 (arXiv:2102.11972) print it", () => {
  // 12 + 12 layers of width 768, 32128 tied tokens; their synthesizers kept 8 heads of 128 channels and 512 positions.
  const [d, inner, LAYERS, BASE] = [768, 1024, 24, 222.9];
  const sizes = {
    ...standard,
    width: d,
    inner,
    heads: 8,
    context: 512,
    ...completeOptions("test", { preset: "mesh" }),
  };
  const replaced = (form: Partial<Options> & Pick<GptConfig, "attention">, less = 0) =>
    BASE + millions(LAYERS * (layerParameters({ ...sizes, ...form }) - less - 4 * d * d));

  test.each([
    ["random", 254, replaced({ attention: "random-synthesizer" })],
    [
      "random plus",
      292,
      replaced({ attention: "mixture", members: "random-synthesizer,dot-product", alpha: "sum" }),
    ],
    ["dense", 224, replaced({ attention: "dense-synthesizer" })],
    // Their dense members ask with the query of the dot product: one projection less.
    [
      "dense plus",
      243,
      replaced({ attention: "mixture", members: "dense-synthesizer,dot-product", alpha: "sum" }, d * inner),
    ],
    ["factorized", 207, replaced({ attention: "factorized-random" })],
  ])("%s: %i M", (_, printed, count) => {
    expect(Math.round(count)).toBe(printed);
  });

  test("to the second digit", () => {
    expect(replaced({ attention: "random-synthesizer" })).toBeCloseTo(254.36, 1);
    expect(replaced({ attention: "factorized-random" })).toBeCloseTo(207.17, 1);
  });
});

describe("translation models of width 512 (Tay et al. 2021, table 2)", () => {
  // 6 + 6 layers, 8 heads, 256 positions; 67 M with dot products.
  const sizes = { ...standard, width: 512, heads: 8, context: 256 };
  const replaced = (form: Partial<Options> & Pick<GptConfig, "attention">) =>
    67 + millions(12 * (layerParameters({ ...sizes, ...form }) - 4 * 512 * 512));
  test.each([
    ["Fixed", 61, replaced({ attention: "fixed-random" })],
    ["Random", 67, replaced({ attention: "random-synthesizer" })],
    ["Factorized Random", 61, replaced({ attention: "factorized-random" })],
    ["Random + Vanilla", 73, replaced({ attention: "mixture" })],
  ])("%s: %i M", (_, printed, count) => {
    expect(Math.round(count)).toBe(printed);
  });

  // The second layer alone, 12 times 8 heads of 64 channels by 256: the paper's count leaves the first one out.
  test("Dense: 62 M", () => {
    const second =
      layerParameters({ ...sizes, attention: "dense-synthesizer", ownBias: "no" }) - 3 * 512 * 512;
    expect(Math.round(67 + millions(12 * (second - 2 * 512 * 512)))).toBe(62);
  });
});
