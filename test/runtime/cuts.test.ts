// Cuts: the shares of a call, run in any order, leave the bits that the whole call leaves.
import { describe, expect, test } from "vitest";
import { type Cut, cuts } from "../../src/runtime/cuts";
import { kernels } from "../../src/runtime/instance";
import { pieces, ranges } from "../../src/runtime/pieces";
import { cases, Room } from "./cut-cases";

describe.each(Object.keys(cuts) as (keyof typeof cuts)[])("%s", (name) => {
  test.each(cases[name])("$what", ({ args: make }) => {
    const room = new Room();
    const args = make(room);
    const kernel = kernels()[name] as (...args: readonly number[]) => void;
    const { shares: cut } = cuts[name] as unknown as { shares: Cut<"sgemm_batched">["shares"] };
    const whole = room.after(() => void kernel(...args));
    for (const threads of [2, 3, 8]) {
      const shares = cut(args as Parameters<typeof cut>[0], threads);
      expect(shares.length).toBeGreaterThan(1);
      const run = (args: readonly number[]) => void kernel(...args);
      const ordered = threads === 3 ? shares : shares.toReversed();
      const bits = room.after(() => ordered.forEach(run));
      expect(firstDifference(bits, whole)).toBe("");
    }
    room.release();
  });
});

/** Where two lists of results differ, or nothing. */
function firstDifference(actual: readonly Int32Array[], expected: readonly Int32Array[]): string {
  for (const [result, words] of expected.entries()) {
    const other = actual[result]!;
    for (let at = 0; at < words.length; at++) {
      if (words[at] !== other[at]) return `element ${at} of result ${result}`;
    }
  }
  return "";
}

test.each([
  [0, 9, 9, 9],
  [1, 0, 900, 900],
  [1, 900, 0, 900],
  [1, 900, 900, 0],
  [1, 40, 40, 40],
])("a product of %d x %d x %d x %d is not cut", (batch, m, n, k) => {
  const shares = cuts.sgemm_batched.shares([0, 0, 0, 0, batch, m, n, k, 0, 0, 0, n, k, 1, n, 1, 1, 0, 0], 2);
  expect(shares.length).toBeLessThan(2);
});

test.each([
  [0, 3, 4],
  [1, 3, 4],
  [12, 3, 4],
  [13, 3, 4],
  [101, 7, 8],
  [5, 9, 1],
])("ranges of %d in %d parts by %d cover it once, at multiples, evenly", (size, count, grain) => {
  const parts = ranges(size, count, grain);
  expect(parts.length).toBeLessThanOrEqual(count);
  let next = 0;
  for (const { from, count } of parts) {
    expect(from).toBe(next);
    expect(from % grain).toBe(0);
    next += count;
  }
  expect(next).toBe(size);
  const lengths = parts.map(({ count }) => Math.ceil(count / grain));
  expect(Math.max(0, ...lengths) - Math.min(...lengths, ...(lengths.length ? [] : [0]))).toBeLessThanOrEqual(
    1,
  );
});

test("what is too little is one piece, what is long is cut so that no share is", () => {
  expect(pieces(1000, 4)).toBe(1);
  for (const threads of [2, 3, 8]) {
    expect(pieces(1e6, threads)).toBeGreaterThanOrEqual(threads);
    expect(pieces(1e9, threads)).toBeGreaterThanOrEqual(50);
    expect(pieces(1e15, threads)).toBe(255);
  }
});
