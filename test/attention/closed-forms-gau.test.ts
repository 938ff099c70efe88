// The gated attention unit and its normalisers in closed form: moments of swish, how large a fresh unit's output is, and what becomes of
// it when weights grow or tokens that say nothing are added.
import { describe, expect, test } from "vitest";
import { swishMoments } from "../../src/analysis/swish-moments";
import { bareUnit } from "../../src/experiments/length/bare-unit";
import { namedParameters } from "../../src/nn/module";
import { rng } from "../../src/tensor/rng";
import { floats, scope, tensor } from "../../src/tensor/tensor";
import { expectClose, noise } from "../assembly/battery";
import { chunks, make, run, WIDTH } from "./closed-forms";
import { applyLayer } from "./layer";

test("moments of swish over N(0, 1)", () => {
  const { mu, nu2 } = swishMoments();
  expect(mu).toBeCloseTo(0.206621, 6);
  expect(nu2).toBeCloseTo(0.355776, 6);
  expect(nu2 ** 2 / mu ** 4).toBeCloseTo(69.447, 3);
});

describe("a unit", () => {
  test("with fresh weights: the size of its attention and of its output", () => {
    scope(() => {
      const [T, width, keyWidth] = [512, 256, 128];
      const draws = rng(5);
      const x = Float32Array.from({ length: T * width }, () => draws.normal());
      const { y, weights } = bareUnit({ width, keyWidth, context: T }, rng(1)).apply(x);
      const { mu, nu2, nu4 } = swishMoments();
      const rows = chunks(weights, T);
      const mean = (values: readonly number[]) => values.reduce((sum, a) => sum + a, 0) / values.length;
      const own = mean(rows.map((row, i) => row[i]!));
      const whole = mean(rows.map((row) => row.reduce((sum, a) => sum + a)));
      const rms = Math.sqrt(mean(Array.from(y, (value) => value ** 2)));
      // A token's own: (sum of s squares of swish)^2 / (n s), whose mean is that of the square and its variance.
      expect(Math.abs(own / (((keyWidth - 1) * nu2 ** 2 + nu4) / T) - 1)).toBeLessThan(0.05);
      // Another one's: s mu^4 / n and, for the variance of their product, as much again at most.
      const other = (whole - own) / (T - 1) / ((keyWidth * mu ** 4) / T);
      expect(other).toBeGreaterThan(1);
      expect(other).toBeLessThan(2);
      // They add up: the output is larger than what a token's own weight brings it.
      expect(rms).toBeGreaterThan((keyWidth * nu2 ** 3) / T);
      expect(rms).toBeGreaterThanOrEqual(0.01);
      expect(rms).toBeLessThanOrEqual(0.1);
    });
  });

  test("whose swish is a relu: weights twice as large make it 2^7 times as large, three times 3^7", () => {
    scope(() => {
      const [width, T] = [6, 6];
      // Each token sees one row of weights of 200 to 400, where swish is x above 0 and nothing below.
      const x = Array.from({ length: T * width }, (_, i) => (i % width === Math.floor(i / width) ? 1 : 0));
      const scaled = (factor: number) => {
        const { unit, apply } = bareUnit({ width, keyWidth: 4, context: T }, rng(1));
        for (const [path, w] of namedParameters(unit)) {
          if (!path.endsWith("weight")) continue;
          const values = noise(w.size, path.length, -1, 1);
          floats(w).set(values.map((value) => factor * (Math.sign(value) * 200 + 200 * value)));
        }
        return apply(x);
      };
      const [one, two, three] = [1, 2, 3].map(scaled);
      expect(one!.y.every((value) => value !== 0)).toBe(true);
      expect(two!.y).toEqual(one!.y.map((value) => 2 ** 7 * value));
      expectClose(
        three!.y,
        Array.from(one!.y, (value) => 3 ** 7 * value),
        { relative: 1e-5, absolute: 0 },
      );
    });
  });
});

describe("weights of squared relus", () => {
  const T = 8;
  const x = noise(T * WIDTH, 3);
  /** Tokens of zeros: their keys are zeros, and so are the scores of them. */
  const followed = (count: number) => [...x, ...new Array<number>((count - T) * WIDTH).fill(0)];

  test("over their sum do not change with a factor on the scores, so not with the scale either", () => {
    scope(() => {
      const weights = (changes: Parameters<typeof make>[0]) =>
        run(make({ normalizer: "relu2-normalized", ...changes }, T), x).weights.flat();
      const usual = weights({ scale: "one" });
      for (const changes of [
        { scale: "fixed", factor: 3 },
        { scale: "inverse-sqrt" },
        { scale: "log-n", trained: 3 },
      ] as const)
        expectClose(weights(changes), usual, { relative: 1e-5, absolute: 1e-6 });
      const softmax = (factor: number) => run(make({ scale: "fixed", factor }, T), x).weights;
      expect(softmax(3)).not.toEqual(softmax(1));
    });
  });

  test("over n lose n1 / n2 to tokens that say nothing, over a fixed number nothing", () => {
    scope(() => {
      for (const [normalizer, law] of [
        ["relu2", (n: number) => T / n],
        ["relu2-fixed", () => 1],
        ["relu2-normalized", () => 1],
      ] as const) {
        const layer = make({ normalizer, trained: T }, 64);
        const alone = run(layer, x).y.flat();
        for (const n of [8, 16, 24, 64]) {
          const y = run(layer, followed(n)).y.slice(0, T).flat();
          const wanted = alone.map((value) => law(n) * value);
          expectClose(y, wanted, { relative: 1e-5, absolute: 1e-6 });
        }
      }
    });
  });

  test("do not notice padding, nor does softmax", () => {
    scope(() => {
      for (const normalizer of [
        "relu2",
        "relu2-normalized",
        "softmax",
        "softmax-plus",
        "l2",
        "none",
      ] as const) {
        const layer = make({ normalizer }, 64);
        const alone = run(layer, x).y.flat();
        for (const n of [9, 24, 64]) {
          const values = [...x, ...noise((n - T) * WIDTH, n)];
          const padding = { lengths: [T], side: "right" } as const;
          const y = applyLayer(layer, tensor(values, [1, n, WIDTH]), { padding }).values();
          expectClose(y.slice(0, T * WIDTH), alone, { relative: 1e-5, absolute: 1e-6 });
        }
      }
    });
  });
});
