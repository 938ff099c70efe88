// Every row of every suite, at a tiny size: its answer agrees with float64, and it can be timed in turns.
import { describe, expect, test } from "vitest";
import { openProcess } from "../../bench/process";
import { AGREEMENT } from "../../bench/row";
import { type Realm, runSuite } from "../../bench/run";
import { type SuiteName, suites } from "../../bench/suites";
import { heap, kernels } from "../../src/runtime/instance";
import { floats, tensor } from "../../src/tensor/tensor";
import { rowFacts } from "./row-facts";

const names = Object.keys(suites) as SuiteName[]; // a closed literal

describe.each(names)("%s", (name) => {
  const rows = suites[name].rows("tiny");
  test.each(rows.map((row) => [row.kind, row.shape, row] as const))("%s, %s", (_kind, _shape, row) => {
    const before = heap().liveBytes;
    const prepared = row.prepare();
    prepared.warm();
    expect(prepared.check()).toBeLessThan(AGREEMENT);
    prepared.run();
    prepared.release();
    expect(heap().liveBytes).toBe(before);
    expect(Object.values(row.work).every((amount) => amount > 0)).toBe(true);
    // What is bound by memory says which.
    if (row.bound === "memory") expect(prepared.reads?.length).toBeGreaterThan(0);
  });

  test("full and quick sizes name each row once", () => {
    for (const size of ["full", "quick"] as const) {
      const labels = suites[name].rows(size).map(({ kind, shape }) => `${kind}, ${shape}`);
      expect(new Set(labels).size).toBe(labels.length);
    }
  });
});

test("builds run in processes of their own, turn by turn, and give every row a time and a ceiling", async () => {
  const setups = [
    { build: "portable", threads: 1 },
    { build: "fast", threads: 1 },
  ] as const;
  const parts: number[] = [];
  const { rows, refused } = await runSuite("matmul", {
    setups,
    size: "tiny",
    openRealm: async () => openProcess(),
    onProgress: (part) => parts.push(part),
  });
  expect(refused).toEqual([]);
  const expected = suites.matmul.rows("tiny").flatMap(({ kind }) => setups.map(({ build }) => [kind, build]));
  expect(rows.map(({ kind, build }) => [kind, build])).toEqual(expected);
  for (const { samples, seconds, ceiling } of rows) {
    expect(samples).toBe(4);
    expect(seconds.low > 0 && seconds.low <= seconds.median && seconds.median <= seconds.high).toBe(true);
    expect(ceiling?.rate).toBeGreaterThan(0);
  }
  expect(parts.every((part) => part >= 0 && part <= 1)).toBe(true);
});

test("threads are compared with one, and with as many processes at the same time", async () => {
  const seconds = { "1": 6, "2": 4 } as const;
  let opened = 0;
  let busy = 0;
  const openRealm = async (): Promise<Realm> => {
    opened += 1;
    return {
      async turn({ threads }) {
        busy += 1;
        await new Promise((resolve) => setTimeout(resolve));
        // Two at once take longer than one alone.
        const time = threads === 1 && busy > 1 ? 8 : seconds[threads as 1 | 2];
        await new Promise((resolve) => setTimeout(resolve));
        busy -= 1;
        const facts = rowFacts();
        return {
          host: "h",
          clockSeconds: 1e-6,
          facts: [facts],
          refused: [],
          times: [{ seconds: [time], ceilings: [1] }],
        };
      },
      close() {},
    };
  };
  const setups = [
    { build: "fast", threads: 1 },
    { build: "fast", threads: 2 },
  ] as const;
  const { rows } = await runSuite("matmul", { setups, size: "tiny", openRealm, onProgress() {} });
  expect(opened).toBe(4);
  expect(rows.map(({ threads, speedUp }) => [threads, speedUp])).toEqual([
    [1, undefined],
    [2, { threads: 1.5, processes: 1.5 }],
  ]);
});

test("turns alternate between the builds, and every realm is closed", async () => {
  const log: string[] = [];
  const openRealm = async ({ build }: { build: string }): Promise<Realm> => ({
    async turn() {
      log.push(build);
      const facts = {
        kind: "k",
        shape: build,
        work: { flops: 1e9 },
        bound: "arithmetic",
        error: 0,
        extraBytes: 0,
      } as const;
      return {
        host: "h",
        clockSeconds: 1e-6,
        facts: [facts],
        refused: [],
        times: [{ seconds: [1], ceilings: [2e9] }],
      };
    },
    close: () => log.push(`close ${build}`),
  });
  const setups = [
    { build: "portable", threads: 1 },
    { build: "fast", threads: 1 },
  ] as const;
  const progress: number[] = [];
  const options = {
    setups,
    size: "tiny",
    openRealm,
    onProgress: (part: number) => progress.push(part),
  } as const;
  const result = await runSuite("matmul", options);
  expect(log).toEqual(["portable", "fast", "portable", "fast", "close portable", "close fast"]);
  expect(result.rows.map(({ shape, ceiling }) => [shape, ceiling?.share])).toEqual([
    ["portable", 0.5],
    ["fast", 0.5],
  ]);
});

test("what is under way is told, and what is measured so far after the turn of each setup", async () => {
  const openRealm = async ({ build }: { build: string }): Promise<Realm> => ({
    async turn(_, onProgress) {
      onProgress(0.5, `row of ${build}`);
      const facts = rowFacts(build);
      return {
        host: "h",
        facts: [facts],
        refused: [],
        times: [{ seconds: [1, 3], ceilings: [2e9] }],
        clockSeconds: 0,
      };
    },
    close() {},
  });
  const setups = [
    { build: "portable", threads: 1 },
    { build: "portable", threads: 2 },
    { build: "fast", threads: 1 },
  ] as const;
  const told: string[] = [];
  await runSuite("matmul", {
    setups,
    size: "tiny",
    openRealm,
    onProgress: (part, { player: { threads, processes }, turn, turns, row }) =>
      told.push(`${part} ${threads} ${processes} ${turn}/${turns} ${row}`),
    onTurn: ({ rows, turns: { done, planned } }) =>
      told.push(
        `${done}/${planned} ${rows.map(({ kind, threads, samples, speedUp }) => `${kind} ${threads}: ${samples}${speedUp ? `, x ${speedUp.processes}` : ""}`)}`,
      ),
  });
  // Two threads are compared once their control has had its turn, too.
  expect(told).toEqual([
    "0.0625 1 1 1/2 row of portable",
    "0/2 portable 1: 2",
    "0.1875 2 1 1/2 row of portable",
    "0/2 portable 1: 2,portable 2: 2",
    "0.3125 1 2 1/2 row of portable",
    "0.3125 1 2 1/2 row of portable",
    "0/2 portable 1: 2,portable 2: 2, x 2",
    "0.4375 1 1 1/2 row of fast",
    "1/2 portable 1: 2,portable 2: 2, x 2,fast 1: 2",
    "0.5625 1 1 2/2 row of portable",
    "1/2 portable 1: 4,portable 2: 2, x 2,fast 1: 2",
    "0.6875 2 1 2/2 row of portable",
    "1/2 portable 1: 4,portable 2: 4, x 2,fast 1: 2",
    "0.8125 1 2 2/2 row of portable",
    "0.8125 1 2 2/2 row of portable",
    "1/2 portable 1: 4,portable 2: 4, x 2,fast 1: 2",
    "0.9375 1 1 2/2 row of fast",
    "2/2 portable 1: 4,portable 2: 4, x 2,fast 1: 4",
  ]);
});

test("the chains of the register peak all run: each lane grows by its term a round", () => {
  // 12 chains of 4 lanes that start at 0..11.
  expect(kernels().smadd_peak(64, 1, 2 ** -6)).toBe(4 * (66 + 12));
  expect(kernels().smadd_peak(0, 1, 1)).toBe(4 * 66);
  expect(kernels().smadd_peak_flops()).toBe(96);
});

test.each([0, 1, 31, 32, 33, 64, 67])("the reading peak sums all of %d floats", (n) => {
  const x = tensor(Float32Array.from({ length: n + 1 }, (_, i) => i + 1));
  expect(kernels().ssum_peak(x.ptr, n)).toBe((n * (n + 1)) / 2);
  expect(floats(x)[n]).toBe(n + 1);
  x.release();
});
