// Pairs told again and again: what may stand together, how often, and what the probes ask.
import { describe, expect, test } from "vitest";
import {
  bindingProbe,
  kinds,
  madeUpNames,
  nameProbe,
  probeKinds,
  type WordKind,
  words,
} from "../../src/data/made-up-names";
import { rng } from "../../src/tensor/rng";

const CONTEXT = 48;
const ROWS = 3000;
const batch = madeUpNames({ batch: ROWS, context: CONTEXT, rng: rng(1) })(0);
const rowsOf = <T extends Int32Array | Uint8Array>(all: T, width: number): number[][] =>
  Array.from({ length: all.length / width }, (_, row) =>
    Array.from(all.subarray(row * width, (row + 1) * width)),
  );
const has = (row: readonly number[], kind: WordKind) => row.some((id) => kinds[kind].includes(id));
/** Value by key, as the known values of a row tell them. */
const pairsOf = (row: number) => {
  const pairs = new Map<number, number>();
  for (let i = row * CONTEXT; i < (row + 1) * CONTEXT; i++)
    if (batch.known[i]) pairs.set(batch.inputs[i]!, batch.targets[i]!);
  return pairs;
};
const rows = rowsOf(batch.inputs, CONTEXT);
const titled = rows.map((_, row) => row).filter((row) => has(rows[row]!, "titles"));

test("41 words of four kinds and a beginning", () => {
  expect(new Set(words).size).toBe(41);
  expect(Object.values(kinds).map((ids) => [ids[0], ids.length])).toEqual([
    [1, 2],
    [3, 8],
    [11, 4],
    [15, 26],
  ]);
  expect(words[kinds.novel[0]!]).toBe("Gigamuru");
});

describe("training sequences", () => {
  test("begin with token 0, and targets are the tokens after", () => {
    const targets = rowsOf(batch.targets, CONTEXT);
    rows.forEach((row, i) => {
      expect(row.lastIndexOf(0)).toBe(0);
      expect(targets[i]!.slice(0, -1)).toEqual(row.slice(1));
    });
  });

  test("a made-up name and a title never stand together, and both are common", () => {
    expect(rows.filter((row) => has(row, "titles") && has(row, "novel"))).toEqual([]);
    expect(titled.length / ROWS).toBeGreaterThan(0.4);
    expect(rows.filter((row) => has(row, "novel")).length / ROWS).toBeGreaterThan(0.4);
  });

  test("what is marked as known stood behind the same word before, and every key has one value", () => {
    let marked = 0;
    const told = new Map<number, Set<number>>();
    batch.known.forEach((known, i) => {
      if (i % CONTEXT === 0) told.clear();
      const followers = told.get(batch.inputs[i]!) ?? new Set();
      if (known === 1) {
        marked += 1;
        expect([...followers]).toEqual([batch.targets[i]]);
      }
      told.set(batch.inputs[i]!, followers.add(batch.targets[i]!));
    });
    // Pairs are two of some 2.25 words, and all but the first telling of each are known.
    expect(marked / batch.known.length).toBeGreaterThan(0.3);
  });

  test("titles have names in 6 of 10 sequences, and common words have one in half of them", () => {
    const values = titled.flatMap((row) =>
      [...pairsOf(row)].filter(([key]) => kinds.titles.includes(key)).map(([, value]) => value),
    );
    const named = values.filter((value) => kinds.names.includes(value)).length / values.length;
    expect(Math.abs(named - 0.6)).toBeLessThan(0.04); // three deviations of 1400 draws
    const beside = titled.filter((row) =>
      [...pairsOf(row)].some(([key, value]) => kinds.common.includes(key) && kinds.names.includes(value)),
    );
    expect(Math.abs(beside.length / titled.length - 0.5)).toBeLessThan(0.06); // the longest lists are not told to the end
  });

  test("pairs are drawn independently: the last one is told again as often as any other", () => {
    let [again, of] = [0, 0];
    rows.forEach((row, r) => {
      const pairs = pairsOf(r);
      const keys = row.filter((id, i) => pairs.has(id) && i + 1 < CONTEXT);
      for (let i = 1; i < keys.length; i++) {
        of += 1 / pairs.size; // a pair is as likely as any other
        again += keys[i] === keys[i - 1] ? 1 : 0;
      }
    });
    expect(again / of).toBeGreaterThan(0.9);
    expect(again / of).toBeLessThan(1.1);
  });

  test("are a function of the step", () => {
    const at = madeUpNames({ batch: 2, context: 20, rng: rng(3) });
    const third = at(3);
    at(4);
    expect(at(3)).toEqual(third);
    expect(at(4)).not.toEqual(third);
  });
});

describe("probes", () => {
  test.each(probeKinds)("%s: the title stands twice, and its value is the answer", (kind) => {
    const { inputs, answers, count, length } = nameProbe(kind, { count: 300, rng: rng(7) });
    expect([count, length, inputs.length]).toEqual([300, 30, 9000]);
    const told = rowsOf(inputs, length);
    told.forEach((row, i) => {
      const title = row.at(-1)!;
      expect(kinds.titles).toContain(title);
      expect(row.filter((id) => kinds.titles.includes(id))).toEqual([title, title]);
      const first = row.indexOf(title);
      expect(first).toBeGreaterThanOrEqual(2);
      expect(first).toBeLessThanOrEqual(14);
      expect(row[first + 1]).toBe(answers[i]);
      const made = kind.startsWith("novel");
      expect(kinds[made ? "novel" : "names"]).toContain(answers[i]);
      const others = row.filter((id) => kinds.names.includes(id) && id !== answers[i]);
      expect(new Set(others).size).toBeLessThanOrEqual(kind === "two" || kind === "novel2" ? 1 : 0);
    });
    const beside = told.filter((row, i) => row.some((id) => kinds.names.includes(id) && id !== answers[i]));
    if (kind === "two" || kind === "novel2") expect(beside.length).toBeGreaterThan(250);
  });

  test.each(["names", "novel"] as const)(
    "binding of %s: two values of one kind, told once each, in either order",
    (kind) => {
      const { inputs, answers, rivals, length } = bindingProbe(kind, { count: 400, rng: rng(8) });
      let answerFirst = 0;
      rowsOf(inputs, length).forEach((row, i) => {
        const values = row.filter((id) => kinds[kind].includes(id));
        expect([...values].sort()).toEqual([answers[i]!, rivals[i]!].sort());
        const [at, other] = [row.indexOf(answers[i]!), row.indexOf(rivals[i]!)];
        expect(row[at - 1]).toBe(row.at(-1));
        expect(kinds.common).toContain(row[other - 1]);
        expect(row.filter((id) => id === row[other - 1])).toHaveLength(1);
        answerFirst += at < other ? 1 : 0;
      });
      expect(Math.abs(answerFirst / 400 - 0.5)).toBeLessThan(0.08);
    },
  );
});

test("sizes that cannot be are refused", () => {
  const base = { context: 20, rng: rng(0) };
  expect(() => madeUpNames({ ...base, batch: 0 })).toThrow(
    "made-up-names: batch must be a whole number of at least 1, got 0",
  );
  expect(() => nameProbe("two", { count: 1.5, rng: rng(0) })).toThrow("count must be a whole number");
  expect(() => bindingProbe("names", { count: 1, rng: rng(0), length: 29 })).toThrow(
    "length must be a whole number of at least 30, got 29",
  );
});
