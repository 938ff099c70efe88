// Philox against published vectors, and the distributions that are drawn from it.
import { describe, expect, test } from "vitest";
import { digest } from "../../src/math/digest";
import { philox4x32, Rng, rng } from "../../src/tensor/rng";

describe("philox4x32", () => {
  // Known-answer vectors of the Random123 library (Salmon et al. 2011).
  test.each([
    [[0, 0, 0, 0], [0, 0], "6627e8d5 e169c58d bc57ac4c 9b00dbd8"],
    [[-1 >>> 0, -1 >>> 0, -1 >>> 0, -1 >>> 0], [-1 >>> 0, -1 >>> 0], "408f276d 41c83b0e a20bc7c6 6d5451fd"],
    [
      [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
      [0xa4093822, 0x299f31d0],
      "d16cfe09 94fdcceb 5001e420 24126ea1",
    ],
  ])("counter %j key %j", (counter, key, words) => {
    expect(
      philox4x32(counter, key)
        .map((word) => word.toString(16).padStart(8, "0"))
        .join(" "),
    ).toBe(words);
  });
});

describe("seeds and states", () => {
  test.each([-1, 0.5, NaN, 2 ** 53, Infinity])("seed %d is refused by its value", (seed) => {
    expect(() => rng(seed)).toThrow(`rng: a seed must be a whole number from 0 to 2^53 - 1, got ${seed}`);
  });

  test("seeds that agree in 32 bits differ", () => {
    expect(rng(1).uniform()).not.toBe(rng(1 + 2 ** 32).uniform());
  });

  test("a state continues the stream, also through JSON and beyond 2^32 blocks", () => {
    for (const counter of [0, 7, 2 ** 32 - 1, 2 ** 40]) {
      const a = Rng.fromState({ key: [1, 2], counter });
      a.normal();
      const b = Rng.fromState(JSON.parse(JSON.stringify(a.state())));
      expect([b.uniform(), b.integer(10), b.normal(), b.key()]).toEqual([
        a.uniform(),
        a.integer(10),
        a.normal(),
        a.key(),
      ]);
      expect(b.state()).toEqual({ key: [1, 2], counter: counter + 5 });
    }
    expect(philox4x32([0, 1, 0, 0], [1, 2]).slice(0, 2)).toEqual(
      Rng.fromState({ key: [1, 2], counter: 2 ** 32 }).key(),
    );
  });

  test.each([
    [[1], 0],
    [[1, -1], 0],
    [[1, 2.5], 0],
    [[1, 2, 3], 0],
    [[1, 2], -1],
  ])("state with key %j and counter %d is refused", (key, counter) => {
    expect(() => Rng.fromState({ key: key as unknown as [number, number], counter })).toThrow(
      /^rng: a state has/,
    );
  });
});

describe("fork", () => {
  test("does not advance, and does not depend on what was drawn", () => {
    const a = rng(3);
    const before = a.fork("x", 1).state();
    a.uniform();
    expect(a.fork("x", 1).state()).toEqual(before);
    expect(a.state().counter).toBe(1);
  });

  test("labels that could be confused give different keys", () => {
    const labels: (string | number)[][] = [
      [1],
      ["1"],
      [""],
      ["", ""],
      [0],
      [-1],
      [0.5],
      [2 ** 32],
      [2 ** 53],
      ["a"],
      ["ab"],
      ["a", "b"],
      ["ab", ""],
      ["b", "a"],
      ["a\0"],
      [1, 2],
      [12],
      ["\u{1f600}"],
      [Infinity],
    ];
    const keys = labels.map((path) =>
      rng(0)
        .fork(...path)
        .state()
        .key.join(),
    );
    expect(new Set(keys).size).toBe(labels.length);
  });

  test("a path may be walked in steps, and -0 is 0", () => {
    expect(rng(5).fork("a", 2).state()).toEqual(rng(5).fork("a").fork(2).state());
    expect(rng(5).fork(-0).state()).toEqual(rng(5).fork(0).state());
  });

  test("no label and NaN are refused", () => {
    expect(() => rng(0).fork()).toThrow("rng: fork needs at least one label");
    expect(() => rng(0).fork(NaN)).toThrow("got NaN");
  });

  test("neighbouring steps are uncorrelated", () => {
    const root = rng(11);
    const draws = Array.from({ length: 4000 }, (_, step) => root.fork(step).uniform() - 0.5);
    const product = draws.slice(1).reduce((sum, draw, i) => sum + draw * draws[i]!, 0) / 3999;
    // The product of two uniforms on [-1/2, 1/2] has deviation 1/12: four standard errors.
    expect(Math.abs(product)).toBeLessThan(4 / 12 / Math.sqrt(3999));
  });
});

describe("distributions (four standard errors)", () => {
  const n = 20000;

  test("uniform: moments, range, cells", () => {
    const r = rng(1);
    const draws = Array.from({ length: n }, () => r.uniform());
    expect(Math.min(...draws)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...draws)).toBeLessThan(1);
    expect(Math.abs(mean(draws) - 0.5)).toBeLessThan(4 * Math.sqrt(1 / 12 / n));
    expect(
      chiSquare(
        draws.map((x) => Math.floor(x * 16)),
        Array(16).fill(1 / 16),
      ),
    ).toBeLessThan(15 + 4 * Math.sqrt(30));
  });

  test("integer covers its range evenly, also beyond 32 bits", () => {
    const r = rng(2);
    expect(
      chiSquare(
        Array.from({ length: n }, () => r.integer(7)),
        Array(7).fill(1 / 7),
      ),
    ).toBeLessThan(6 + 4 * Math.sqrt(12));
    const big = 3 * 2 ** 50;
    const thirds = Array.from({ length: n }, () => Math.floor(r.integer(big) / 2 ** 50));
    expect(chiSquare(thirds, [1 / 3, 1 / 3, 1 / 3])).toBeLessThan(2 + 4 * Math.sqrt(4));
    expect(r.integer(1)).toBe(0);
  });

  test.each([0, -1, 1.5, NaN, 2 ** 53])("integer(%d) is refused", (limit) => {
    expect(() => rng(0).integer(limit)).toThrow(`rng: integer needs a whole n of at least 1, got ${limit}`);
  });

  test("normal: the first four moments", () => {
    const r = rng(3);
    const draws = Array.from({ length: n }, () => r.normal());
    const moment = (power: number) => mean(draws.map((x) => x ** power));
    expect(Math.abs(moment(1))).toBeLessThan(4 * Math.sqrt(1 / n));
    expect(Math.abs(moment(2) - 1)).toBeLessThan(4 * Math.sqrt(2 / n));
    expect(Math.abs(moment(3))).toBeLessThan(4 * Math.sqrt(15 / n));
    expect(Math.abs(moment(4) - 3)).toBeLessThan(4 * Math.sqrt(96 / n));
  });

  test("weighted follows its weights and never picks a zero", () => {
    const r = rng(4);
    const picks = Array.from({ length: n }, () => r.weighted([0, 1, 0, 3, 4, 0]));
    expect(new Set(picks)).toEqual(new Set([1, 3, 4]));
    expect(chiSquare(picks, [0, 1 / 8, 0, 3 / 8, 1 / 2, 0])).toBeLessThan(2 + 4 * Math.sqrt(4));
  });

  test.each([[[]], [[0, 0]], [[1, -1]], [[1, NaN]], [[Infinity]]])("weights %j are refused", (weights) => {
    expect(() => rng(0).weighted(weights)).toThrow(/^rng: weights/);
  });

  test("shuffle is a permutation, every one equally often, and leaves its argument alone", () => {
    const r = rng(5);
    const source = Object.freeze([0, 1, 2]);
    const orders = Array.from({ length: 6000 }, () => r.shuffle(source).join(""));
    const names = [...new Set(orders)].sort();
    expect(names).toEqual(["012", "021", "102", "120", "201", "210"]);
    expect(
      chiSquare(
        orders.map((order) => names.indexOf(order)),
        Array(6).fill(1 / 6),
      ),
    ).toBeLessThan(5 + 4 * Math.sqrt(10));
    expect(r.shuffle([])).toEqual([]);
  });

  test("choice takes strings and arrays, and refuses nothing to choose from", () => {
    expect("abc").toContain(rng(6).choice("abc"));
    expect(() => rng(6).choice([])).toThrow("rng: choice needs at least one element");
  });
});

test("the same bits in Node and in Chromium", () => {
  const r = rng(20260101).fork("digest", 1);
  const draws = Array.from({ length: 2000 }, () => [
    r.uniform(),
    r.normal(),
    r.integer(1000),
    ...r.key(),
  ]).flat();
  expect(digest(draws)).toBe("a0588a85a1af9338");
});

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Pearson's statistic of cell numbers against the cells' probabilities; a cell of probability zero must stay empty. */
function chiSquare(cells: readonly number[], probabilities: readonly number[]): number {
  return probabilities.reduce((sum, probability, cell) => {
    const expected = probability * cells.length;
    const seen = cells.filter((value) => value === cell).length;
    if (expected === 0) return seen === 0 ? sum : Infinity;
    return sum + (seen - expected) ** 2 / expected;
  }, 0);
}
