// Training windows are a function of the step; evaluation windows hold each prediction once.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { sequentialWindows, windows } from "../../src/data/batches";
import { rng } from "../../src/tensor/rng";

const counting = (length: number) => Int32Array.from({ length }, (_, i) => i);

describe("windows", () => {
  test("targets are the inputs one later, within the text", () => {
    const at = windows(counting(12), { batch: 64, context: 5, rng: rng(1) });
    const { inputs, targets, batch, context } = at(0);
    expect([batch, context, inputs.length]).toEqual([64, 5, 320]);
    expect(targets).toEqual(inputs.map((id) => id + 1));
    for (let row = 0; row < 64; row++) {
      expect([...inputs.subarray(row * 5, row * 5 + 5)].map((id, i) => id - i)).toEqual(
        Array(5).fill(inputs[row * 5]),
      );
    }
    // All seven starts occur among 64 rows (missing one has probability 4e-4; the seed is fixed).
    expect(new Set(Array.from({ length: 64 }, (_, row) => inputs[row * 5])).size).toBe(7);
  });

  test("a step gives the same batch in any order, and steps differ", () => {
    const options = { batch: 4, context: 8, rng: rng(2) };
    const at = windows(counting(1000), options);
    const third = at(3);
    at(9);
    expect(at(3)).toEqual(third);
    expect(windows(counting(1000), { ...options, rng: rng(2) })(3)).toEqual(third);
    expect(at(4)).not.toEqual(third);
  });

  test("a text of context + 1 has one window", () => {
    expect([...windows(counting(4), { batch: 2, context: 3, rng: rng(0) })(0).targets]).toEqual([
      1, 2, 3, 1, 2, 3,
    ]);
  });

  test("impossible sizes are refused", () => {
    expect(() => windows(counting(3), { batch: 1, context: 3, rng: rng(0) })).toThrow(
      "a context of 3 needs at least 4 tokens",
    );
    expect(() => windows(counting(9), { batch: 0, context: 3, rng: rng(0) })).toThrow(
      "batch must be a whole number",
    );
  });
});

describe("sequentialWindows", () => {
  test("each prediction once, in order, in batches of one shape", () => {
    const sizes = fc.record({
      length: fc.integer({ min: 2, max: 70 }),
      batch: fc.integer({ min: 1, max: 5 }),
      context: fc.integer({ min: 1, max: 9 }),
    });
    fc.assert(
      fc.property(sizes, ({ length, batch, context }) => {
        const pairs: number[][] = [];
        for (const { inputs, targets } of sequentialWindows(counting(length), { batch, context })) {
          expect([inputs.length, targets.length]).toEqual([batch * context, batch * context]);
          targets.forEach((target, i) => {
            if (target === -1) expect(inputs[i]).toBe(0);
            else pairs.push([inputs[i]!, target]);
          });
        }
        expect(pairs).toEqual(Array.from({ length: length - 1 }, (_, i) => [i, i + 1]));
      }),
    );
  });

  test("can be walked twice", () => {
    const all = sequentialWindows(counting(10), { batch: 2, context: 3 });
    expect([...all]).toEqual([...all]);
  });

  test("impossible sizes are refused at once", () => {
    expect(() => sequentialWindows(counting(1), { batch: 1, context: 3 })).toThrow("needs at least 2 tokens");
    expect(() => sequentialWindows(counting(9), { batch: 1.5, context: 3 })).toThrow("got 1.5");
    expect(() => sequentialWindows(counting(9), { batch: 1, context: 0 })).toThrow(
      "context must be a whole number",
    );
  });
});
