// What `heed experiment` keeps and takes on Node: the log of trials, overrides, the digest of the sources.
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { parseOverrides } from "../../src/cli/overrides";
import { sourceDigest } from "../../src/cli/source-digest";
import { openTrialLog } from "../../src/cli/trial-log";
import { UsageError } from "../../src/cli/usage";
import { runExperiment } from "../../src/experiments/run";
import { counting, toy } from "./toy";

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "heed-"));
  path = join(folder, "trials.jsonl");
});
afterEach(() => rmSync(folder, { recursive: true }));

test("a run whose log ends in half a line is continued after the last whole one", async () => {
  const { records, run } = counting();
  await runExperiment(toy, {
    ...run,
    onRecord: (record) => {
      records.push(record);
      openTrialLog(path).append(record);
    },
  });
  const text = readFileSync(path, "utf8");
  const lines = text.split("\n").slice(0, -1);
  expect(lines.map((line) => JSON.parse(line))).toEqual(records);
  writeFileSync(path, text.slice(0, -40));

  const log = openTrialLog(path);
  expect(log.finished).toEqual(records.slice(0, 5));
  const resumed = counting({ finished: log.finished, onRecord: log.append });
  await runExperiment(toy, resumed.run);
  expect(resumed.ran.map(({ id }) => id)).toEqual([records[5]!.id]);
  expect(openTrialLog(path).finished.map(({ id, metrics }) => [id, metrics])).toEqual(
    records.map(({ id, metrics }) => [id, metrics]),
  );
});

test("a line that is no trial is refused by its number, and --fresh forgets it", async () => {
  const { records, run } = counting();
  await runExperiment(toy, run);
  openTrialLog(path).append(records[0]!);
  appendFileSync(path, '{"id":"x"}\n');
  expect(() => openTrialLog(path)).toThrow(`${path}:2: a line must hold one finished trial, got {"id":"x"}`);
  expect(openTrialLog(path, { fresh: true }).finished).toEqual([]);
  expect(readFileSync(path, "utf8")).toBe("");
});

test("overrides take the type of what they replace", () => {
  const config = { width: 4, kind: "a", tied: true };
  expect(parseOverrides(["width=8", "kind=b=c", "tied=false"], config)).toEqual({
    width: 8,
    kind: "b=c",
    tied: false,
  });
  expect(parseOverrides(["width=2e-3"], config)).toEqual({ width: 0.002 });
});

test.each([
  [["widht=8"], 'there is no setting "widht", there are width, kind, tied; did you mean width?'],
  [["toString=8"], 'there is no setting "toString"'],
  [["width=wide"], 'width must be a number, like 4, got "wide"'],
  [["width="], 'width must be a number, like 4, got ""'],
  [["tied=yes"], 'tied must be true or false, got "yes"'],
  [["width"], 'key=value is needed, got "width"'],
  [["width=1", "width=2"], "width must be given once"],
])("--set %s is misuse", (words, message) => {
  const parse = () => parseOverrides(words, { width: 4, kind: "a", tied: true });
  expect(parse).toThrow(UsageError);
  expect(parse).toThrow(message);
});

test("the digest of the sources changes with what a trial can depend on, and not with the layers above", () => {
  const write = (name: string, text: string) => {
    mkdirSync(join(folder, name, ".."), { recursive: true });
    writeFileSync(join(folder, name), text);
  };
  const digest = () => sourceDigest(folder, ["src", "asconfig.json"]);
  for (const name of ["asconfig.json", "src/ops/a.ts", "src/cli/b.ts", "src/report/c.ts", "src/cli.ts"])
    write(name, "1");
  const before = digest();
  expect(before).toMatch(/^[0-9a-f]{16}$/);
  for (const name of ["src/cli/b.ts", "src/report/c.ts", "src/cli.ts", "src/report/new.ts"]) write(name, "2");
  expect(digest()).toBe(before);
  write("src/ops/a.ts", "2");
  const changed = digest();
  expect(changed).not.toBe(before);
  write("src/ops/a.ts", "1");
  write("src/ops/d.ts", "");
  expect(digest()).not.toBe(before);
});
