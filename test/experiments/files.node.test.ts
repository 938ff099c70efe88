// What `heed experiment` keeps and takes on Node: the log of trials, overrides, the digest of the sources.
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { parseOverrides } from "../../src/cli/overrides";
import { programDigests, sourceDigests } from "../../src/cli/source-digest";
import { openTrialLog } from "../../src/cli/trial-log";
import { experiments } from "../../src/experiments";
import { runExperiment } from "../../src/experiments/run";
import { UsageError } from "../../src/terminal/usage";
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

test("the digest of an experiment follows what its program is made of, and nothing else", () => {
  const files = {
    "package.json": '{ "sideEffects": false, "imports": { "#kernels/*": "./build/*.js" } }',
    "build/portable.wasm.js": 'export default "AGFzbQ";',
    "src/runtime/instance.ts": 'export const init = () => import("#kernels/portable.wasm");',
    "src/experiments/trial.ts": "export const order = 1;",
    "src/experiments/one.ts": 'import { twice } from "../ops/twice"; export const one = () => twice(1);',
    "src/experiments/two.ts": "export const two = 2;",
    "src/ops/twice.ts": "export function twice(x: number): number { return 2 * x; }",
    "src/report/page.ts": "export const page = 1;",
  };
  const write = (changed: Readonly<Record<string, string>>) => {
    for (const [name, text] of Object.entries({ ...files, ...changed })) {
      mkdirSync(join(folder, name, ".."), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
    const { one, two } = programDigests(folder, ["one", "two"]);
    return [one!, two!] as const;
  };
  const [one, two] = write({});
  expect(one).toMatch(/^[0-9a-f]{16}$/);
  expect(two).not.toBe(one);
  const changes = (name: keyof typeof files, text: string) => {
    const [first, second] = write({ [name]: text });
    return [first !== one, second !== two];
  };
  expect(changes("src/ops/twice.ts", "export function twice(x: number): number { return x + x; }")).toEqual([
    true,
    false,
  ]);
  expect(changes("src/experiments/two.ts", "export const two = 3;")).toEqual([false, true]);
  expect(changes("src/report/page.ts", "export const page = 2;")).toEqual([false, false]);
  expect(changes("build/portable.wasm.js", 'export default "AGFzbg";')).toEqual([true, true]);
  expect(changes("src/runtime/instance.ts", "export const init = () => 0;")).toEqual([true, true]);
  expect(changes("src/experiments/trial.ts", "export const order = 2;")).toEqual([true, true]);
  // What a reader sees and a processor does not.
  const told = `// Doubles.\n${files["src/ops/twice.ts"].replace("{", "{\n")}`;
  expect(changes("src/ops/twice.ts", told)).toEqual([false, false]);
});

test("every experiment of the registry is a module of its name, and a program of its own", () => {
  const names = Object.keys(experiments);
  const digests = sourceDigests(names);
  expect(Object.keys(digests)).toEqual(names);
  expect(new Set(Object.values(digests)).size).toBe(names.length);
  expect(sourceDigests([names[1]!])).toEqual({ [names[1]!]: digests[names[1]!] });
});
