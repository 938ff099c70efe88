// Learning rates at the corners and in between.
import { describe, expect, test } from "vitest";
import { constant, linear, warmupCosine } from "../../src/train/schedule";

const options = { learningRate: 1e-3, minimum: 1e-4, warmup: 100, steps: 2000 };

describe("warmupCosine", () => {
  const rate = warmupCosine(options);

  test("nanoGPT's corners", () => {
    expect(rate(0)).toBe(1e-3 / 101);
    expect(rate(99)).toBe((1e-3 * 100) / 101);
    expect(rate(100)).toBe(1e-3);
    expect(rate(2000)).toBe(1e-4);
    expect(rate(1e9)).toBe(1e-4);
  });

  test("half a cosine in between, against Math.cos", () => {
    for (let step = 100; step < 2000; step += 37) {
      const expected = 1e-4 + 0.5 * (1 + Math.cos((Math.PI * (step - 100)) / 1900)) * 9e-4;
      expect(Math.abs(rate(step) - expected)).toBeLessThan(1e-18);
    }
    expect(rate(1050)).toBeCloseTo(5.5e-4, 15);
  });

  test("minimum and warm-up default to zero; no decay phase at all is allowed", () => {
    expect(warmupCosine({ learningRate: 2, steps: 10 })(0)).toBe(2);
    expect(warmupCosine({ learningRate: 2, steps: 10 })(5)).toBe(1);
    expect([0, 1, 2].map(warmupCosine({ learningRate: 3, warmup: 2, steps: 2 }))).toEqual([1, 2, 0]);
  });
});

test("linear joins its corners by straight lines", () => {
  const rate = linear(options);
  expect([rate(0), rate(100), rate(2000), rate(3000)]).toEqual([1e-3 / 101, 1e-3, 1e-4, 1e-4]);
  expect(rate(1050)).toBeCloseTo(5.5e-4, 15);
  expect(rate(200) - rate(150)).toBeCloseTo(rate(1900) - rate(1850), 15);
});

test("constant", () => {
  expect([0, 1, 1e6].map(constant(0.1))).toEqual([0.1, 0.1, 0.1]);
});

test.each([
  [{ ...options, minimum: 2 }, "got minimum 2 and learningRate 0.001"],
  [{ ...options, learningRate: NaN }, "got minimum 0.0001 and learningRate NaN"],
  [{ ...options, minimum: -1 }, "got minimum -1"],
  [{ ...options, warmup: 2001 }, "got warmup 2001 and steps 2000"],
  [{ ...options, steps: 10.5, warmup: 0 }, "got warmup 0 and steps 10.5"],
])("%j is refused", (wrong, message) => {
  expect(() => warmupCosine(wrong)).toThrow(message);
  expect(() => linear(wrong)).toThrow(message);
});

test.each([-1, NaN, Infinity])("constant(%d) is refused", (rate) => {
  expect(() => constant(rate)).toThrow(/^schedule: 0 <= minimum <= learningRate/);
});
