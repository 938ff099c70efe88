// The words of `heed bench` and `npm run bench:browser`, and what they make of them, with a place that takes no time.
import { expect, test, vi } from "vitest";
import { type BenchArguments, benchCommand, type Place, takeBenchWords } from "../../bench/command";
import { newProgram, runWords } from "../../src/terminal/command";
import { rowFacts } from "./row-facts";

/** Runs words as both commands do; returns what is on stdout and stderr, and the places that were opened. */
async function bench(...words: readonly string[]) {
  const texts = { stdout: "", stderr: "" };
  const spies = (["stdout", "stderr"] as const).map((name) =>
    vi.spyOn(process[name], "write").mockImplementation((text) => {
      texts[name] += String(text);
      return true;
    }),
  );
  const log: string[] = [];
  try {
    const code = await runWords(words, (finish) =>
      takeBenchWords(newProgram("bench it"), "page").action((suites: string[], given: BenchArguments) =>
        finish(benchCommand(suites, given, { name: "it", call: "bench it", open: async () => open(log) })),
      ),
    );
    return { code, log, ...texts };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

function open(log: string[]): Place {
  const facts = rowFacts();
  return {
    host: "a host",
    openRealm: async () => ({
      async turn({ suite, build, threads, size }) {
        log.push(`${suite} ${build} ${threads} ${size}`);
        if (build === "fast" && threads === 3) throw new Error("a realm is lost");
        return {
          host: "h",
          clockSeconds: 1e-6,
          facts: [facts],
          refused: [],
          times: [{ seconds: [2], ceilings: [1e9] }],
        };
      },
      close: () => void log.push("realm closed"),
    }),
    close: async () => void log.push("closed"),
  };
}

test("every build on every number of threads has a realm of its own; the place is closed at the end", async () => {
  const { code, log, stdout } = await bench("matmul", "rows", "--threads", "1,2", "--quick", "--json", "-");
  expect(code).toBe(0);
  const setups = ["portable 1", "portable 2", "fast 1", "fast 2"];
  const expected = ["matmul", "rows"].flatMap((suite) => setups.map((setup) => `${suite} ${setup} quick`));
  expect([...new Set(log)]).toEqual(expected.toSpliced(4, 0, "realm closed").concat("closed"));
  expect(log.at(-1)).toBe("closed");
  const { command, host, quick, suites } = JSON.parse(stdout);
  expect({ command, host, quick }).toEqual({ command: "it", host: "a host", quick: true });
  expect(suites.map(({ rows }: { rows: object[] }) => rows.length)).toEqual([4, 4]);
  expect(suites[0].rows[1]).toMatchObject({
    build: "portable",
    threads: 2,
    speedUp: { threads: 1, processes: 2 },
  });
});

test("one thread and both builds, at full size, where nothing else is said", async () => {
  const { log } = await bench("step");
  expect([...new Set(log)]).toEqual(["step portable 1 full", "step fast 1 full", "realm closed", "closed"]);
});

test("a realm that is lost closes the place", async () => {
  const { code, log, stderr } = await bench("step", "--build", "fast", "--threads", "3");
  expect([code, stderr, log]).toEqual([
    1,
    "heed: a realm is lost\n",
    ["step fast 3 full", "realm closed", "closed"],
  ]);
});

test("without names suites are listed, and nothing is opened", async () => {
  const { code, log, stdout } = await bench();
  expect([code, log]).toEqual([0, []]);
  expect(stdout).toMatch(
    /^matmul +matrix products[\s\S]*\n\nbench it SUITE\.\.\., or all; --quick for a look\n$/,
  );
});

test.each([
  [
    "rwos",
    'suite: must be one of matmul, attention, variants, rows, step, decode, got "rwos"; did you mean rows?',
  ],
  ["rows --threads 0", '--threads: must be a whole number of at least 1, got "0"'],
  ["rows --threads 1,", '--threads: must be a whole number of at least 1, got ""'],
  ["rows --build slow", '--build: must be one of portable, fast, both, got "slow"'],
  ["rows --thread 2", "unknown option '--thread'; did you mean --threads?"],
])("%s is misuse, before anything is opened", async (line, said) => {
  const { code, log, stdout, stderr } = await bench(...line.split(" "));
  expect([code, log, stdout, stderr]).toEqual([2, [], "", `heed: ${said}\n`]);
});

test("--help says where builds run", async () => {
  const { code, stdout } = await bench("--help");
  expect(code).toBe(0);
  expect(stdout).toMatch(/^Usage: bench it \[options\] \[suites\.\.\.\]\n/);
  expect(stdout).toMatch(/--threads <list> +threads to time, like 1,2/);
  expect(stdout).toContain("each in a page of its own");
});
