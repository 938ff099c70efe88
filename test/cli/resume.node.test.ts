// A run that was stopped, politely or not, and resumed is the run that was never stopped.
import { appendFileSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { files, inFreshFolder, json, PROCESS_MS, run, start, TEXT, TINY, untilLines } from "./heed";

const STEPS = 1000;
const TRAIN = ["train", "--text", "book.txt", ...TINY, "--steps", String(STEPS), "--dropout", "0.1"];
/** What an uninterrupted run leaves, computed once. */
const whole: Record<string, Buffer> = {};

inFreshFolder();

async function expectWhole(folder: string): Promise<void> {
  writeFileSync("book.txt", TEXT);
  if (!whole.digest) {
    expect((await run(...TRAIN, "--out", "whole")).code).toBe(0);
    for (const file of ["metrics.jsonl", "model.safetensors", "checkpoint.safetensors"])
      whole[file] = readFileSync(`whole/${file}`);
    whole.digest = Buffer.from(json("whole/result.json").metrics.lossDigest);
  }
  const { digest, ...contents } = whole;
  expect(json(`${folder}/result.json`).metrics.lossDigest).toBe(digest!.toString());
  for (const [file, content] of Object.entries(contents)) {
    expect(readFileSync(`${folder}/${file}`).equals(content), file).toBe(true);
  }
}

test(
  "Ctrl-C finishes the step, saves and prints the command that goes on",
  async () => {
    writeFileSync("book.txt", TEXT);
    const stopped = start(...TRAIN, "--out", "run", "--report", "book.html");
    await untilLines("run/metrics.jsonl", 100, stopped.process);
    stopped.process.kill("SIGINT");
    const { code, stdout } = await stopped.ended;
    expect(code).toBe(1);
    const said = /^stopped after step (\d+) of 1000; go on with: npm run -s heed -- (.*)\n$/.exec(stdout);
    expect(said).not.toBeNull();
    expect(Number(said![1])).toBeLessThan(STEPS);
    expect(said![2]).toBe("train --resume run --report book.html");

    const resumed = await run(...said![2]!.split(" "));
    expect(resumed.code).toBe(0);
    expect(resumed.stderr).toContain(`; run from step ${said![1]}\n`);
    expect(readFileSync("book.html").equals(readFileSync("run/report.html"))).toBe(true);
    await expectWhole("run");
  },
  PROCESS_MS,
);

test(
  "killed at a random moment, with half a line in the metrics",
  async () => {
    writeFileSync("book.txt", TEXT);
    const flushes = Math.floor(6 * Math.random());
    const delay = 40 * Math.random();
    const killed = start(...TRAIN, "--out", "run");
    // The description is the first file that makes a run, long before the metrics have lines.
    await untilLines("run/heed.json", 1, killed.process);
    await untilLines("run/metrics.jsonl", 100 * flushes, killed.process);
    await new Promise((resolve) => setTimeout(resolve, delay));
    killed.process.kill("SIGKILL");
    expect((await killed.ended).code, `after ${flushes} flushes and ${delay} ms`).toBe(-1);
    appendFileSync("run/metrics.jsonl", '{"step":1,"lo');
    writeFileSync("run/checkpoint.safetensors.1234.partial", "half");

    const resumed = await run("train", "--resume", "run");
    expect([resumed.code, resumed.stderr.includes("heed:")]).toEqual([0, false]);
    expect(Object.keys(files()).filter((name) => name.endsWith(".partial"))).toEqual([]);
    await expectWhole("run");
  },
  PROCESS_MS,
);

test("killed after its last step, it still gets its results", async () => {
  writeFileSync("book.txt", TEXT);
  const words = ["train", "--text", "book.txt", ...TINY, "--steps", "20", "--out", "run"];
  expect((await run(...words)).code).toBe(0);
  const before = files();
  for (const file of ["model.safetensors", "result.json", "report.html"]) rmSync(`run/${file}`);
  expect((await run("train", "--resume", "run")).code).toBe(0);
  const after = files();
  expect(after["run/model.safetensors"]).toBe(before["run/model.safetensors"]);
  expect(after["run/metrics.jsonl"]).toBe(before["run/metrics.jsonl"]);
  expect(Object.keys(after)).toEqual(Object.keys(before));
});
