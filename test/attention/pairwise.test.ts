// The covering array covers.
import { expect, test } from "vitest";
import { pairwise } from "./pairwise";

test.each([
  { a: [1], b: [1] },
  { a: [1, 2, 3], b: ["x", "y"], c: [true, false], d: [0] },
  { a: [1, 2, 3, 4, 5, 6, 7], b: [1, 2, 3, 4], c: [1, 2, 3], d: [1, 2], e: [1, 2] },
])("every pair of values occurs, in few combinations: %j", (options: Record<string, readonly unknown[]>) => {
  const rows = pairwise(options);
  const names = Object.keys(options);
  const sizes = names.map((name) => options[name]!.length).sort((x, y) => y - x);
  for (const a of names)
    for (const b of names)
      for (const x of options[a]!)
        for (const y of options[b]!) {
          if (a !== b) expect(rows.some((row) => row[a] === x && row[b] === y)).toBe(true);
        }
  expect(rows.length).toBeLessThanOrEqual(sizes[0]! * sizes[1]! + 4);
});

test("pairs that may not stand together are left out, all others occur", () => {
  const options = { a: [1, 2, 3], b: [1, 2], c: [0, 1] };
  const rows = pairwise(options, ({ a, b }) => !(a === 2 && b === 2));
  const occurs = (row: Partial<Record<string, number>>) =>
    rows.some((other) => Object.entries(row).every(([name, x]) => Reflect.get(other, name) === x));
  for (const a of options.a)
    for (const b of options.b) {
      expect(occurs({ a, b })).toBe(!(a === 2 && b === 2));
      for (const c of options.c) expect([occurs({ a, c }), occurs({ b, c })]).toEqual([true, true]);
    }
});
