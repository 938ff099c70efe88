// Rows repeat a block of distinct symbols, and pairs can be kept out.
import { describe, expect, test } from "vitest";
import { datasets } from "../../src/data";
import { repeatedSequences } from "../../src/data/repeated-sequences";
import { rng } from "../../src/tensor/rng";

describe("repeatedSequences", () => {
  const at = repeatedSequences({ batch: 200, context: 48, rng: rng(1) });

  test("BOS, a block of distinct symbols, the block again", () => {
    const { inputs, targets, periods, batch, context } = at(0);
    expect(new Set(periods)).toEqual(new Set([6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]));
    for (let row = 0; row < batch; row++) {
      const x = inputs.subarray(row * context, (row + 1) * context);
      const y = targets.subarray(row * context, (row + 1) * context);
      const period = periods[row]!;
      expect(x[0]).toBe(0);
      expect(y.subarray(0, -1)).toEqual(x.subarray(1));
      expect(new Set(y.subarray(0, period)).size).toBe(period);
      expect(y.subarray(period)).toEqual(y.subarray(0, -period));
      expect(Math.min(...y)).toBeGreaterThanOrEqual(1);
      expect(Math.max(...y)).toBeLessThanOrEqual(32);
    }
  });

  test("is a function of the step", () => {
    const third = at(3);
    at(4);
    expect(at(3)).toEqual(third);
    expect(at(4)).not.toEqual(third);
  });

  test("banned pairs never follow each other, wrap-around included", () => {
    const banned = (a: number, b: number) => a <= 2 && b >= 29;
    const seenIn = (options: { banned?: typeof banned }) => {
      const { inputs, targets } = repeatedSequences({ batch: 300, context: 48, rng: rng(2), ...options })(0);
      return inputs.reduce((count, a, i) => count + (a > 0 && banned(a, targets[i]!) ? 1 : 0), 0);
    };
    expect(seenIn({})).toBeGreaterThan(10);
    expect(seenIn({ banned })).toBe(0);
  });

  test("impossible options are refused", () => {
    const base = { batch: 1, context: 8, rng: rng(0) };
    expect(() => repeatedSequences({ ...base, batch: 0 })).toThrow("got batch 0, context 8");
    expect(() => repeatedSequences({ ...base, symbols: 8 })).toThrow("got [6, 16] and 8 symbols");
    expect(() => repeatedSequences({ ...base, periods: [5, 4] })).toThrow("got [5, 4]");
    expect(() => repeatedSequences({ ...base, banned: () => true })(0)).toThrow("ban fewer pairs");
  });
});

test("the registry makes both kinds of data", () => {
  expect(datasets.grammar.make({ characters: 10 }).length).toBe(10);
  expect(datasets["repeated-sequences"].make({ batch: 1, context: 4, rng: rng(0) })(0).inputs.length).toBe(4);
});
