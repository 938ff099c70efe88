// The matrices of `decoder-only` against closed forms, the models that it compares, and the settings that it refuses.
import { describe, expect, test } from "vitest";
import { matrix } from "../../../src/analysis/matrix";
import { decoderOnly } from "../../../src/experiments/decoder-only";
import { armNames, arms } from "../../../src/experiments/decoder-only/arms";
import type { DirectionConfig } from "../../../src/experiments/decoder-only/config";
import { depthMetrics } from "../../../src/experiments/decoder-only/depth";
import {
  effectiveRank,
  rankOf,
  roundingError,
  softmaxRows,
} from "../../../src/experiments/decoder-only/weights";
import { parameterCount } from "../../../src/nn/module";
import { rng } from "../../../src/tensor/rng";
import { scope } from "../../../src/tensor/tensor";

describe("ranks", () => {
  test("n equal singular values are an effective rank of n, one alone is 1, and in between it is exp of the entropy", () => {
    expect(effectiveRank([3, 3, 3, 3])).toBeCloseTo(4, 12);
    expect(effectiveRank([5, 0, 0])).toBeCloseTo(1, 12);
    // Shares 1/2, 1/4, 1/4: entropy 1.5 ln 2.
    expect(effectiveRank([2, 1, 1])).toBeCloseTo(2 ** 1.5, 12);
  });

  test("singular values below a millionth of the largest are none", () => {
    expect(rankOf([2, 1, 2.1e-6, 1.9e-6, 0])).toBe(3);
  });

  test("softmax over what a row sees: shares of e^x there, 0 elsewhere, whatever stands there", () => {
    const { values } = softmaxRows(matrix(2, 3, [0, Math.log(3), 900, 700, 700, -900]), (_, j) => j < 2);
    for (const [i, wanted] of [0.25, 0.75, 0, 0.5, 0.5, 0].entries())
      expect(values[i]).toBeCloseTo(wanted, 14);
  });
});

test("outputs off by half a unit in the last place: the inverse of two rows, without signs, times them", () => {
  // Of [1 0; 3/4 1/4] it is [1 0; 3 4].
  const error = roundingError(matrix(2, 2, [1, 0, 0.75, 0.25]), matrix(2, 1, [-2, 0.5]));
  expect(error / 2 ** -53).toBeCloseTo(3 * 2 + 4 * 0.5, 12);
});

describe("depth", () => {
  const base: DirectionConfig = { part: "depth", arm: "causal", rule: "", width: 6, tokens: 5, steps: 0 };

  test("one token is its own mean at once; a window of one keeps all tokens as they are", () => {
    expect(depthMetrics({ ...base, tokens: 1 }, rng(1)).left).toEqual(new Array(8).fill(0));
    const { left } = depthMetrics({ ...base, arm: "sliding-window" }, rng(1));
    for (const value of left) expect(value).toBeCloseTo(left[0]!, 12);
    expect(left[0]).toBeGreaterThan(0.5);
  });

  test("the first token of a causal row never moves, so the layers never make all one as without a mask", () => {
    const last = (arm: string) => depthMetrics({ ...base, arm }, rng(2)).left.at(-1)!;
    expect(last("causal")).toBeGreaterThan(100 * last("bidirectional"));
  });
});

describe("arms", () => {
  const count = (name: (typeof armNames)[number]) =>
    scope(() => parameterCount(arms[name]({ width: 32, length: 8 }, rng(1))));

  test("have the parameters of GPT within half a percent, T5 x2 twice as many", () => {
    const usual = count("GPT");
    for (const name of armNames) {
      const wanted = name === "T5 x2" ? 2 : 1;
      expect(Math.abs(count(name) / usual - wanted)).toBeLessThan(name === "T5 x2" ? 0.02 : 0.005);
    }
  });
});

describe("a setting is refused", () => {
  const decoder = decoderOnly.grid.smoke.configs.find(({ part }) => part === "decoders")!;
  test.each([
    [
      { part: "deth" },
      'decoder-only: part must be weights, exact, depth, identity, decoders, masked, got "deth"',
    ],
    [{ arm: "BERT" }, "decoder-only: arm of decoders must be GPT, UniLM,"],
    [{ rule: "" }, 'decoder-only: rule of decoders must be reversed, sorted, prefix-sums, got ""'],
    [{ part: "depth" }, "decoder-only: arm of depth must be causal,"],
    [{ steps: 0 }, "decoder-only: steps of decoders must be a whole number of at least 1, got 0"],
    [{ tokens: 1.5 }, "decoder-only: tokens of decoders must be a whole number of at least 1, got 1.5"],
  ])("%o", (change, message) => {
    expect(() => decoderOnly.check!({ ...decoder, ...change }, {})).toThrow(message);
  });
});
