// `heed claims`: one table of all claims, trials that are run once, and what fails is told without stopping the rest.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { TrialRecord } from "../../src/experiments/trial";
import { files, inFreshFolder, json, PROCESS_MS, run } from "./heed";

inFreshFolder();

const BIGRAM = "runs/bigram/smoke";
const words = ["claims", "--smoke", "--only", "bigram,synthesizer-speed"] as const;

test(
  "one table and one array of claims; what is finished is judged again and not run again",
  async () => {
    const first = await run(...words, "--json", "-");
    expect(first.code).toBe(0);
    expect(first.stderr).toMatch(/^claims: planned seconds 8\/8 \| trials 5\/5 /m);
    expect(first.stderr).toMatch(/^status +gate +article +claim$/m);
    expect(first.stderr).toMatch(
      /^pass +smoke +Mathematical Framework +bigram rank-decides: A wider .*\n +expected +KL smaller .*\n +observed +D 4/m,
    );
    expect(first.stderr).toMatch(/^not-run +full +Synthesizer +synthesizer-speed kept-weights-save: /m);
    expect(first.stderr).toMatch(/^pass +smoke +own +synthesizer-speed kept-weights-agree: /m);
    expect(first.stderr).toMatch(/^smoke: 3 of 3 deciding claims hold; 3 not judged at this size$/m);
    const result = JSON.parse(first.stdout);
    expect(result).toMatchObject({ command: "claims", size: "smoke" });
    expect(result.claims.length).toBe(6);
    expect(result.claims[1]).toEqual({
      experiment: "bigram",
      article: "Mathematical Framework",
      id: "rank-decides",
      statement: "A wider model is a better bigram table, up to D = V.",
      source: "Elhage et al. 2021, Zero-Layer Transformers",
      expected: "KL smaller at each larger D, every seed",
      observed: expect.stringMatching(/^D 4: \d/),
      gate: "smoke",
      status: "pass",
    });
    expect(result.experiments).toMatchObject([
      { name: "bigram", folder: BIGRAM, trials: 4, budgetSeconds: 4 },
      { name: "synthesizer-speed", trials: 1 },
    ]);

    const kept = files();
    const again = await run(...words, "--json", "claims.json");
    expect([again.code, again.stderr]).toEqual([0, ""]); // no trial, so no progress
    expect(json("claims.json").claims).toEqual(result.claims);
    for (const name of ["bigram", "synthesizer-speed"]) {
      const log = `runs/${name}/smoke/trials.jsonl`;
      expect(readFileSync(log, "latin1")).toBe(kept[log]);
    }
    // `heed experiment` knows them too.
    expect((await run("experiment", "bigram", "--smoke")).stderr).toBe("");
  },
  PROCESS_MS,
);

test(
  "a gated claim that fails is exit code 1, and is counted",
  async () => {
    await run(...words, "--only", "bigram");
    const log = `${BIGRAM}/trials.jsonl`;
    const records: TrialRecord[] = readFileSync(log, "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    const worse = records.map((record) => ({ ...record, metrics: { ...record.metrics, loss: 99 } }));
    writeFileSync(log, worse.map((record) => `${JSON.stringify(record)}\n`).join(""));
    const { code, stdout } = await run(...words, "--only", "bigram");
    expect(code).toBe(1);
    expect(stdout).toMatch(/^fail +smoke +Mathematical Framework +bigram beats-unigram: /m);
    expect(stdout).toContain("smoke: 1 of 2 deciding claims holds; 1 not judged at this size");
  },
  PROCESS_MS,
);

test(
  "a trial that fails stops its own experiment alone, and is exit code 1",
  async () => {
    writeFileSync("a.txt", "one two three four five six seven. ".repeat(80));
    const only = ["--only", "bigram,scan-snap-text", "--text", "a.txt", "--json", "claims.json"];
    const ended = run("claims", "--smoke", ...only);
    // Planned, and its processes are not yet there.
    while (!existsSync("runs/scan-snap-text")) await new Promise((resolve) => setTimeout(resolve, 1));
    writeFileSync("a.txt", "another text");
    const { code, stdout } = await ended;
    expect(code).toBe(1);
    expect(stdout).toMatch(/^scan-snap-text +FAILED: .*the text must be the one that the run began with/m);
    expect(stdout).toMatch(/^bigram +4 trials, .*runs\/bigram\/smoke\/report\.html$/m);
    const { experiments, claims } = json("claims.json");
    expect(experiments[1].error).toMatch(/a\.txt: the text must be/);
    expect(claims.map(({ experiment }: { experiment: string }) => experiment)).toEqual(
      Array(3).fill("bigram"),
    );
  },
  PROCESS_MS,
);

test("misuse is told before anything runs", async () => {
  const misused = async (...more: string[]) => {
    const { code, stderr } = await run("claims", ...more);
    expect(code).toBe(2);
    return stderr;
  };
  expect(await misused("--only", "bigram,jonas")).toMatch(
    /^heed: --only: must be one of .*, got "jonas"; did you mean joma\?$/m,
  );
  expect(await misused("--smoke", "--full")).toMatch(/--smoke.* cannot be used with .*--full/);
  expect(await misused("--smoke", "--text", "none.txt")).toMatch(/^heed: .*none\.txt: there is no such file/);
  writeFileSync("short.txt", "again, again.");
  expect(await misused("--smoke", "--only", "scan-snap-text", "--text", "short.txt")).toMatch(
    /^heed: --text: scan-snap-text: .* two distinct words/,
  );
  expect(existsSync("runs")).toBe(false);
});
