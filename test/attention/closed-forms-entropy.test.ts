// The entropy of attention rows in closed form: what scales keep of it, and what Gaussian logits and keys on a sphere make of it.
import { describe, expect, test } from "vitest";
import { entropy } from "../../src/analysis/entropy";
import { rowFactor, rowWeights } from "../../src/analysis/row-weights";
import { sphereEntropy, sphereEntropyLaplace } from "../../src/analysis/sphere-entropy";
import { standardOptions } from "../../src/attention/options";
import { type Scale, scales } from "../../src/attention/scale";
import { gptConfig } from "../../src/models/config";
import { gauConfig } from "../../src/models/gau-config";
import { rng } from "../../src/tensor/rng";
import { scope } from "../../src/tensor/tensor";
import { expectClose, noise } from "../assembly/battery";
import { make, run, WIDTH } from "./closed-forms";

describe("entropy-invariant scales", () => {
  test("values of log_512 n, and the pinned kappa", () => {
    const of = (name: "log-n" | "log-n-clipped" | "kappa-log-n", n: number) => {
      const scale: Scale = scales[name];
      const inputs = { width: 16, trained: 512, options: standardOptions };
      return 4 * scale.constant(inputs) * scale.row!(n, inputs);
    };
    for (const [n, wanted] of [
      [1, 0],
      [2, 1 / 9],
      [16, 4 / 9],
      [512, 1],
      [2048, 11 / 9],
      [4096, 12 / 9],
    ] as const) {
      expect(of("log-n", n)).toBeCloseTo(wanted, 12);
      expect(of("kappa-log-n", n)).toBeCloseTo(wanted, 12);
      expect(of("log-n-clipped", n)).toBeCloseTo(Math.max(1, wanted), 12);
    }
  });

  test("a needle of g = 5 above the rest keeps its mass under log-n and loses it without", () => {
    scope(() => {
      for (const [name, n, wanted] of [
        ["log-n", 64, 0.702],
        ["inverse-sqrt", 64, 0.702],
        ["log-n", 4096, 0.8432],
        ["inverse-sqrt", 4096, 0.035],
      ] as const) {
        const logits = Array.from({ length: n }, (_, i) => (i === 0 ? 5 : 0));
        const mass = rowWeights(name, logits, 64)[0]!;
        const power = name === "log-n" ? n ** (5 / Math.log(64)) : Math.exp(5);
        expect(mass).toBeCloseTo(power / (power + n - 1), 4); // 4096 terms in float32
        expect(mass).toBeCloseTo(wanted, 4);
      }
    });
  });

  test("a needle of g = log m is half of the row at any length, a higher one all of it, a lower one nothing", () => {
    scope(() => {
      const masses = (g: number) =>
        [64, 512, 4096].map((n) => rowWeights("log-n", [g, ...new Array<number>(n - 1).fill(0)], 64)[0]!);
      const [low, critical, high] = [0.8, 1, 1.2].map((part) => masses(part * Math.log(64)));
      for (const [i, n] of [64, 512, 4096].entries()) expect(critical![i]).toBeCloseTo(n / (2 * n - 1), 4);
      expect(low).toEqual(low!.toSorted((a, b) => b - a));
      expect(high).toEqual(high!.toSorted((a, b) => a - b));
      for (const [masses, part] of [
        [low!, 0.8],
        [high!, 1.2],
      ] as const)
        expect(masses[2]).toBeCloseTo(4096 ** part / (4096 ** part + 4095), 4);
    });
  });

  test("a layer that sees as many tokens as it was trained on is one without the scale", () => {
    scope(() => {
      const x = noise(9 * WIDTH, 2);
      const plain = run(make({ scale: "inverse-sqrt" }, 9), x);
      const same = run(make({ scale: "log-n", trained: 9 }, 9), x);
      expectClose(same.y.flat(), plain.y.flat(), { relative: 0, absolute: 1e-6 });
      expectClose(same.weights.flat(), plain.weights.flat(), { relative: 0, absolute: 1e-6 });
      expect(run(make({ scale: "log-n", trained: 5 }, 9), x).y).not.toEqual(plain.y);
    });
  });

  test("uniform logits have entropy log n under any scale; any logits between 0 and log n", () => {
    scope(() => {
      for (const name of ["log-n", "inverse-sqrt", "kappa-log-n", "log-n-clipped"] as const) {
        for (const n of [1, 2, 17, 300]) {
          expect(entropy(rowWeights(name, new Array(n).fill(3), 64))).toBeCloseTo(Math.log(n), 5);
          const h = entropy(rowWeights(name, Array.from(noise(n, 3, -9, 9)), 64));
          expect(h).toBeGreaterThanOrEqual(0);
          expect(h).toBeLessThanOrEqual(Math.log(n) + 1e-6);
        }
      }
    });
  });

  test("a single visible source has weight one whatever the scale", () => {
    scope(() => {
      for (const scale of Object.keys(scales) as (keyof typeof scales)[]) {
        const { weights } = run(make({ scale, mask: "causal" }, 4), noise(4 * WIDTH, 1));
        for (const head of [0, 4]) expect(weights[head]![0]).toBeCloseTo(1, 6);
      }
    });
  });
});

describe("keys on a sphere (Su 2021, kexue.fm/archives/8823)", () => {
  test.each([
    [32, -7.77471],
    [64, -15.4734],
    [96, -23.1726],
    [128, -30.8718],
    [256, -61.6692],
    [512, -123.264],
  ])("in %i dimensions, without a scale", (d, wanted) => {
    scope(() => {
      const found = sphereEntropy(d, rowFactor("one", 1, { width: d, trained: 64 }));
      expectClose([found], [wanted], { relative: 1e-5, absolute: 1e-4 });
      expect(sphereEntropyLaplace(d, 1) / d).toBeCloseTo(-0.240606, 6);
      expect(Math.abs(sphereEntropyLaplace(d, 1) / found - 1)).toBeLessThan(0.01);
    });
  });

  test.each([
    ["inverse-sqrt", 1, -0.489, -0.4887],
    ["fixed", 0.25, -1.839, -1.835],
    ["fixed", 0.5, -6.051, -6.023],
    ["one", 1, -15.473, -15.399],
    ["fixed", 2, -30.15, -30.1],
  ] as const)("in 64 dimensions, under the scale %s %f", (name, factor, exact, approximate) => {
    scope(() => {
      const used = rowFactor(name, 1, { width: 64, trained: 64 }, { factor });
      const digits = Math.abs(exact) < 1 ? 4 : Math.abs(exact) < 20 ? 3 : 2;
      expect(sphereEntropy(64, used)).toBeCloseTo(exact, digits);
      expect(sphereEntropyLaplace(64, used)).toBeCloseTo(approximate, Math.min(digits, 3));
    });
  });
});

describe("logits from N(0, sigma^2), trained at 512 tokens", () => {
  const ROWS = 100;
  test.each([
    [1, 64, 3.685, 3.943],
    [1, 512, 5.741, 5.741],
    [1, 4096, 7.819, 7.433],
    [2.498, 64, 2.181, 2.996],
    [2.498, 512, 3.636, 3.636],
    [2.498, 4096, 5.309, 3.787],
  ])("sigma %f, %i tokens: mean entropies without and with log n", (sigma, n, plain, scaled) => {
    const draws = rng(n);
    const rows = Array.from({ length: ROWS }, () => Array.from({ length: n }, () => sigma * draws.normal()));
    for (const [name, wanted] of [
      ["one", plain],
      ["log-n", scaled],
    ] as const) {
      const entropies = rows.map((row) => scope(() => entropy(rowWeights(name, row, 512))));
      const mean = entropies.reduce((sum, h) => sum + h) / ROWS;
      const variance = entropies.reduce((sum, h) => sum + (h - mean) ** 2, 0) / (ROWS - 1);
      expect(Math.abs(mean - wanted)).toBeLessThan(4 * Math.sqrt(variance / ROWS));
      // H = log n - sigma^2 / 2 holds while sigma^2 is well below 2 log n.
      const used = name === "one" ? sigma : (sigma * Math.log(n)) / Math.log(512);
      if (used <= 1) expect(Math.abs(mean - (Math.log(n) - used ** 2 / 2))).toBeLessThan(0.03);
    }
  });
});

test("a scale that compares with a training length of one token is refused", () => {
  const rule = "which must be at least 2, got 1";
  for (const scale of ["log-n", "log-n-clipped"] as const) {
    const why = `scale ${scale} divides by the logarithm of the training length, ${rule}`;
    scope(() => {
      expect(() => make({ scale }, 1)).toThrow(`attention: ${why}`);
      expect(() => make({ scale, trained: 1 }, 9)).toThrow(`attention: ${why}`);
      expect(run(make({ scale, trained: 2 }, 1), noise(WIDTH, 1)).weights).toEqual([[1], [1]]);
    });
    expect(() => gptConfig({ vocabulary: 5, scale, trained: 1 })).toThrow(`gpt: ${why}`);
    expect(() => gauConfig({ vocabulary: 5, scale, context: 1 })).toThrow(`gau: ${why}`);
  }
});
