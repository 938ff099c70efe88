// Places: how much runs at once, who goes first, and that one who needs all waits until nothing else runs.
import { expect, test } from "vitest";
import { places } from "../../src/cli/places";

/** Work that ends when it is told to, and a record of what began. */
function workshop(count: number) {
  const inPlace = places(count);
  const began: string[] = [];
  const ends = new Map<string, () => void>();
  const settled = () => new Promise((resolve) => setTimeout(resolve, 0));
  return {
    began,
    begin(name: string, rank = 0, takes = 1) {
      return inPlace({ rank, takes }, () => {
        began.push(name);
        return new Promise<string>((resolve) => ends.set(name, () => resolve(name)));
      });
    },
    async end(name: string) {
      ends.get(name)!();
      await settled();
    },
    settled,
  };
}

test("so many at once, in order of rank and then of coming", async () => {
  const { began, begin, end, settled } = workshop(2);
  for (const [name, rank] of [
    ["a", 0],
    ["b", 0],
    ["late", 2],
    ["c", 1],
    ["d", 1],
  ] as const)
    void begin(name, rank);
  await settled();
  expect(began).toEqual(["a", "b"]);
  await end("b");
  await end("a");
  expect(began).toEqual(["a", "b", "c", "d"]);
  await end("c");
  expect(began.at(-1)).toBe("late");
});

test("who needs all places gets them once nothing runs, and nobody of a higher rank goes before", async () => {
  const { began, begin, end, settled } = workshop(2);
  for (const name of ["a", "b"]) void begin(name);
  void begin("alone", 1, 2);
  void begin("after", 2);
  await settled();
  await end("a");
  expect(began).toEqual(["a", "b"]);
  await end("b");
  expect(began).toEqual(["a", "b", "alone"]);
  await end("alone");
  expect(began).toEqual(["a", "b", "alone", "after"]);
});

test("a place is given back by work that fails", async () => {
  const inPlace = places(1);
  const turn = { rank: 0, takes: 1 };
  await expect(inPlace(turn, () => Promise.reject(new Error("no")))).rejects.toThrow("no");
  expect(await inPlace(turn, () => Promise.resolve(7))).toBe(7);
});
