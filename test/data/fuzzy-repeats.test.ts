// Repeats of meanings: what is told again is the same or its partner, as often as was asked.
import { describe, expect, test } from "vitest";
import { fuzzyRepeats, meaningOf, partnerOf } from "../../src/data/fuzzy-repeats";
import { rng } from "../../src/tensor/rng";

const CONTEXT = 48;
const draw = (swapped: number) =>
  fuzzyRepeats({ batch: 300, context: CONTEXT, rng: rng(1), meanings: 16, periods: [6, 16], swapped })(0);

test("partners are two symbols of one meaning", () => {
  for (let symbol = 1; symbol <= 32; symbol++) {
    expect(partnerOf(partnerOf(symbol))).toBe(symbol);
    expect(Math.abs(partnerOf(symbol) - symbol)).toBe(1);
    expect(meaningOf(partnerOf(symbol))).toBe(meaningOf(symbol));
  }
  expect([1, 2, 3, 32].map(meaningOf)).toEqual([1, 1, 2, 16]);
  expect(meaningOf(0)).toBe(0);
});

describe.each([0, 0.5, 1])("swapped %d", (swapped) => {
  const { inputs, targets, periods, batch } = draw(swapped);

  test("meanings repeat exactly, symbols as often as asked", () => {
    let [same, other] = [0, 0];
    for (let row = 0; row < batch; row++) {
      const x = inputs.subarray(row * CONTEXT, (row + 1) * CONTEXT);
      const y = targets.subarray(row * CONTEXT, (row + 1) * CONTEXT);
      const period = periods[row]!;
      expect(x[0]).toBe(0);
      expect(y.subarray(0, -1)).toEqual(x.subarray(1));
      expect(new Set(y.subarray(0, period).map(meaningOf)).size).toBe(period);
      for (let at = period; at < CONTEXT; at++) {
        const first = y[at % period]!;
        expect(meaningOf(y[at]!)).toBe(meaningOf(first));
        if (y[at] === first) same += 1;
        else other += 1;
      }
    }
    expect(Math.abs(other / (same + other) - swapped)).toBeLessThan(0.02);
    expect(new Set(targets).size).toBe(32);
  });
});

test("is a function of the step, and shares that are none are refused", () => {
  const options = { batch: 2, context: 20, rng: rng(3), meanings: 8, periods: [3, 4] as const, swapped: 0.5 };
  const at = fuzzyRepeats(options);
  const third = at(3);
  at(4);
  expect(at(3)).toEqual(third);
  expect(() => fuzzyRepeats({ ...options, swapped: 1.5 })).toThrow("swapped must be 0 to 1, got 1.5");
});
