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

test("only legal combinations, with every pair that one of them has", () => {
  const options = { a: [0, 1, 2, 3], b: [0, 1, 2], c: ["x", "y", "z"], d: [0, 1] };
  type Part = { readonly [Name in keyof typeof options]?: (typeof options)[Name][number] };
  const rules: ((part: Part) => boolean)[] = [
    ({ a, b }) => !(a === 0 && b !== undefined && b !== 0),
    ({ b, c }) => !(b === 1 && c === "y"),
    ({ c, d }) => !(c === "z" && d === 1),
  ];
  const legal = (part: Part) => rules.every((rule) => rule(part));
  const rows = pairwise(options, legal);
  expect(rows.every(legal)).toBe(true);
  const all = options.a.flatMap((a) =>
    options.b.flatMap((b) => options.c.flatMap((c) => options.d.map((d) => ({ a, b, c, d })))),
  );
  for (const whole of all.filter(legal))
    for (const one of Object.keys(options) as (keyof typeof options)[])
      for (const other of Object.keys(options) as (keyof typeof options)[]) {
        expect(rows.some((row) => row[one] === whole[one] && row[other] === whole[other])).toBe(true);
      }
});

test("a pair that is legal alone and in no combination is an error", () => {
  const options = { a: [0, 1], b: [0, 1], c: [0, 1] };
  const legal = ({ a, b, c }: { a?: number; b?: number; c?: number }) =>
    !(a === 0 && b === 0) && !(b === 1 && c === 1);
  expect(() => pairwise(options, legal)).toThrow("pairwise: nothing completes a 0 with c 1");
});
