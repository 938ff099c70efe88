// What the benchmarks compute from times and sizes, by hand.
import { readFileSync } from "node:fs";
import { expect, test, vi } from "vitest";
import { disagreement, sampled } from "../../bench/agreement";
import { columnsFor, duration } from "../../bench/columns";
import { attentionFlops, causalPairs, productFlops, stepFlops, tokenFlops } from "../../bench/flops";
import { clockStep, patienceFor, quartiles, secondsAndNanoseconds, timeSamples } from "../../bench/harness";
import { type Result, rate } from "../../bench/run";
import type { RowFacts } from "../../bench/session";
import { suiteCells, suiteMarkdown, suiteNotes, suiteTable, textTable } from "../../bench/table";

test("quartiles of odd, even, single and no samples", () => {
  expect(quartiles([5, 1, 3, 2, 4])).toEqual({ low: 2, median: 3, high: 4 });
  expect(quartiles([4, 1, 3, 2])).toEqual({ low: 1.75, median: 2.5, high: 3.25 });
  expect(quartiles([7])).toEqual({ low: 7, median: 7, high: 7 });
  expect(quartiles([]).median).toBeNaN();
});

test("a product is a multiply and an add for every element of both operands that meet", () => {
  expect(productFlops({ m: 2, n: 3, k: 5 })).toBe(60);
});

test("attention counts two products forward and five more backward, over the pairs that are seen", () => {
  const dims = { heads: 8, pairs: 512 * 512, width: 64 };
  expect(attentionFlops(dims, "forward")).toBe(4 * 8 * 512 * 512 * 64);
  expect(attentionFlops(dims, "both")).toBe(14 * 8 * 512 * 512 * 64);
  expect(causalPairs(4)).toBe(1 + 2 + 3 + 4);
});

test("a training step is three times the weights a token, and attention", () => {
  const shape = { name: "", vocabulary: 5, context: 3, width: 4, layers: 2, heads: 2, batch: 7 };
  const weights = 2 * (4 * 4 * 4 + 2 * 4 * 16) + 4 * 5;
  expect(tokenFlops(shape)).toBe(2 * weights);
  expect(stepFlops(shape)).toBe(7 * (3 * 2 * weights * 3 + 2 * 14 * 6 * 4));
});

test("disagreement is the largest difference over the largest value", () => {
  expect(disagreement([1, 2, -4], [1, 2, -4])).toBe(0);
  expect(disagreement([1, 2.5, -4], [1, 2, -4])).toBe(0.125);
  expect(disagreement([0, 0], [0, 0])).toBe(0);
  expect(disagreement([1], [0])).toBe(Number.POSITIVE_INFINITY);
  expect(disagreement([1, Number.NaN], [1, 2])).toBe(Number.POSITIVE_INFINITY);
  expect(disagreement([Number.NaN, 1], [1, 2])).toBe(Number.POSITIVE_INFINITY);
  expect(disagreement([1], [1, 2])).toBe(Number.POSITIVE_INFINITY);
});

test("samples hold both ends and never repeat", () => {
  expect(sampled(3, 8)).toEqual([0, 1, 2]);
  expect(sampled(101, 5)).toEqual([0, 25, 50, 75, 100]);
  const places = sampled(9, 8);
  expect(new Set(places).size).toBe(8);
  expect(places.at(-1)).toBe(8);
});

test("Benchmark.js gives as many samples as were asked for, each a time per call", () => {
  const spin = () => {
    for (const end = performance.now() + 2; performance.now() < end; );
  };
  const samples = timeSamples(spin, { sampleSeconds: 0.005, samples: 3 });
  expect(samples).toHaveLength(3);
  expect(Math.min(...samples)).toBeGreaterThan(0.0019);
});

test("short calls are repeated within a sample, and what one of them takes is given", () => {
  let calls = 0;
  const [sample] = timeSamples(() => void calls++, { sampleSeconds: 0.005, samples: 1 });
  expect(calls).toBeGreaterThan(100);
  expect(sample).toBeLessThan(0.005 / 10);
});

test("a clock that has not moved has measured nothing", () => {
  const clock = vi.spyOn(performance, "now");
  try {
    for (const now of [0.1, 1234.567, 98_765.4321]) {
      clock.mockReturnValue(now);
      expect(secondsAndNanoseconds(secondsAndNanoseconds())).toEqual([0, 0]);
    }
    clock.mockReturnValue(900.2);
    const since = secondsAndNanoseconds();
    clock.mockReturnValue(2100.45);
    expect(secondsAndNanoseconds(since)).toEqual([1, 200_250_000]);
  } finally {
    clock.mockRestore();
  }
});

test("the step of a clock is the shortest by which it moves on", () => {
  const readings = [7, 7, 9, 9, 9, 10, 10, 13, 14, 14, 16, 99];
  expect(clockStep(() => readings.shift()!)).toBe(0.001);
  expect(readings).toEqual([99]);
});

test("a sample of a coarse clock lasts fifty steps, of a fine one as long as was meant", () => {
  const patience = { sampleSeconds: 0.02, samples: 2 };
  expect(patienceFor(patience, 0.001)).toEqual({ sampleSeconds: 0.05, samples: 2 });
  expect(patienceFor(patience, 0.000005)).toEqual(patience);
});

test("what a call throws comes out of the clock", () => {
  const fail = () => {
    throw new Error("no such kernel");
  };
  expect(() => timeSamples(fail, { sampleSeconds: 0.001, samples: 1 })).toThrow("no such kernel");
});

const facts: RowFacts = {
  kind: "square",
  shape: "1 x 1 x 1",
  work: { flops: 4e9 },
  bound: "arithmetic",
  error: 2e-7,
  extraBytes: 0,
};
const setup = { build: "fast", threads: 2 } as const;

test("a rate is of the median time, a share the median over turns of what was measured together", () => {
  const turns = [
    { seconds: [1, 1], ceilings: [4e9] },
    { seconds: [2, 2], ceilings: [2e9] },
    { seconds: [4, 4], ceilings: [4e9] },
  ];
  const result = rate(setup, facts, turns);
  expect(result).toMatchObject({
    samples: 6,
    seconds: { low: 1.25, median: 2, high: 3.5 },
    gflopsPerSecond: 2,
  });
  // Of two threads: 4 / 8, 2 / 4, 1 / 8.
  expect(result.ceiling).toEqual({ what: "register peak", rate: 8, share: 0.5 });
});

test("a memory-bound row is compared with reading, a row without flops with nothing", () => {
  const times = [{ seconds: [0.5], ceilings: [8e9] }];
  const memory = rate(
    { build: "portable", threads: 1 },
    { ...facts, work: { bytes: 1e9, flops: 1e9, tokens: 3 }, bound: "memory" },
    times,
  );
  expect(memory).toMatchObject({ gflopsPerSecond: 2, gigabytesPerSecond: 2, tokensPerSecond: 6 });
  expect(memory.ceiling).toEqual({ what: "reading", rate: 8, share: 0.25 });
  const tokens = rate(setup, { ...facts, work: { tokens: 1 } }, [{ seconds: [0.5], ceilings: [] }]);
  expect(tokens.ceiling).toBeUndefined();
  expect(tokens.gflopsPerSecond).toBeUndefined();
});

test("a table aligns its columns and leaves out empty ones", () => {
  const heads = [
    { title: "what", align: "left" },
    { title: "nothing", align: "left" },
    { title: "n", align: "right" },
  ] as const;
  const rows = [
    ["a", "", "10"],
    ["longer", "", "7"],
  ];
  expect(textTable(heads, rows)).toBe("what     n\n----------\na       10\nlonger   7");
});

const result = { suite: "matmul", host: "", turns: { done: 3, planned: 3 }, refused: ["x: no"] } as const;

test("a suite's table shows rate, share and peak", () => {
  const row = rate(setup, facts, [{ seconds: [2], ceilings: [4e9] }]);
  const table = suiteTable({ ...result, rows: [row] });
  expect(table).toContain("square  1 x 1 x 1  fast         2  2.00 s    0.0%      2.0     0.25   2e-7");
  expect(table).toContain("register peak in GFLOP/s: fast on 2 threads 8.0");
  expect(table).toContain("not run: x: no");
  expect(table).not.toContain("unfinished");
  expect(suiteTable({ ...result, rows: [row], turns: { done: 1, planned: 3 } })).toContain(
    "unfinished: 1 of 3 turns are whole",
  );
});

test("as Markdown it has the same cells and notes", () => {
  const row = rate(setup, facts, [{ seconds: [2], ceilings: [4e9] }]);
  expect(suiteMarkdown({ ...result, rows: [row] }).split("\n")).toEqual([
    "| what | on | build | threads | median | spread | GFLOP/s | of peak | error |",
    "| --- | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    "| square | 1 x 1 x 1 | fast | 2 | 2.00 s | 0.0% | 2.0 | 0.25 | 2e-7 |",
    "",
    "register peak in GFLOP/s: fast on 2 threads 8.0 (the median of the run; a share is the median of shares of the peak beside it in its turn)",
    "not run: x: no",
  ]);
});

test("a share of the peak above 1 is told below the table, one of reading is not", () => {
  const row = rate(setup, facts, [{ seconds: [2], ceilings: [4e9] }]);
  const told = (what: "register peak" | "reading", share: number) =>
    suiteNotes({ ...result, rows: [{ ...row, ceiling: { what, rate: 8, share } }], refused: [] }).filter(
      (note) => note.includes("above 1"),
    );
  expect(told("register peak", 1.05)).toEqual([
    "of peak above 1 in 1 of 1 rows: the machine was busy when its peak was measured; measure again",
  ]);
  expect([told("register peak", 1.004), told("reading", 1.2)]).toEqual([[], []]);
});

test("durations have three digits", () => {
  expect([1.234e-6, 4.56e-5, 0.789, 12.34].map(duration)).toEqual(["1.23 µs", "45.6 µs", "789 ms", "12.3 s"]);
});

test("a coarse clock is told below the table, and how long that made the samples", () => {
  const empty = { ...result, rows: [] };
  expect(suiteNotes(empty)).toEqual(["not run: x: no"]);
  expect(suiteNotes({ ...empty, coarseClock: { stepSeconds: 0.001, sampleSeconds: 0.05 } })[0]).toBe(
    "the clock here moves on by 1.00 ms at once: samples last 50.0 ms or more, so that this is at most 2% of one",
  );
});

test("README.md says of each column what the table itself says", () => {
  const readme = readFileSync(new URL("../../bench/README.md", import.meta.url), "utf8");
  const said = [...readme.matchAll(/^\| (.+?) \| (.+) \|$/gm)].map(
    ([, title, about]) => `${title}: ${about}`,
  );
  for (const { title, about } of columnsFor("processes"))
    if (about) expect(said).toContain(`${title}: ${about}`);
});

test("threads stand in every row or in none, and what shares nothing is called what it is", () => {
  const turns = [{ seconds: [2], ceilings: [4e9] }];
  const one = rate({ build: "fast", threads: 1 }, facts, turns);
  const two = { ...rate(setup, facts, turns), speedUp: { threads: 1.5, processes: 1.75 } };
  const titles = (rows: readonly Result[]) =>
    suiteCells({ ...result, rows }, "workers").heads.map(({ title }) => title);
  expect(titles([one])).not.toContain("threads");
  expect(titles([one, two])).toEqual(expect.arrayContaining(["threads", "x threads", "x workers"]));
  const { heads, rows } = suiteCells({ ...result, rows: [one, two] });
  const place = heads.findIndex(({ title }) => title === "threads");
  expect(rows.map((row) => row[place])).toEqual(["1", "2"]);
});

test("rows whose quartiles lie more than 30 % apart are marked, and the notes say why", () => {
  const steady = rate(setup, facts, [{ seconds: [1, 1.1, 1.2], ceilings: [] }]);
  // Quartiles of 1, 2 and 4: 1.5 and 3, which is .75 of the median.
  const unsteady = rate(setup, facts, [{ seconds: [1, 2, 4], ceilings: [] }]);
  const both = { ...result, rows: [steady, unsteady], refused: [] };
  expect(suiteCells(both).unsteady).toEqual([false, true]);
  expect(suiteNotes(both)).toEqual([
    "spread above 30 % in 1 of 2 rows: something else kept the machine busy, and they say little",
  ]);
  expect(suiteNotes({ ...both, rows: [steady] })).toEqual([]);
});
