// `heed experiment` as a user meets it: killed and continued, judged, misused. In real processes.
import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { experimentCommand } from "../../src/cli/experiment";
import { bigram } from "../../src/experiments/bigram";
import type { Experiment } from "../../src/experiments/experiment";
import type { Result } from "../../src/experiments/result";
import { executeTrial, type TrialRecord } from "../../src/experiments/trial";
import { Output } from "../../src/terminal/output";
import { UsageError } from "../../src/terminal/usage";
import { loadModel } from "../../src/train/checkpoint";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const SECONDS = 120_000;
/** Long enough to be killed between two trials. */
const STEPS = 300;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "heed-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const log = () => join(folder, "trials.jsonl");
const lines = () => (existsSync(log()) ? readFileSync(log(), "utf8").split("\n").slice(0, -1) : []);
const heed = (...words: string[]) =>
  spawn(process.execPath, ["--conditions=heed-source", "--import", "tsx", "src/cli.ts", ...words], {
    cwd: ROOT,
    stdio: ["ignore", "pipe", "pipe"],
  });

/** Keeps what would be printed. */
class Kept extends Output {
  text = "";
  override say(text: string): void {
    this.text += `${text}\n`;
  }
}

test(
  "killed without warning and started again, it goes on from the last finished trial and ends with the same numbers",
  async () => {
    const words = [
      "experiment",
      "bigram",
      "--smoke",
      "--set",
      `steps=${STEPS}`,
      "--workers",
      "1",
      "--out",
      folder,
      "--json",
      "-",
    ];
    const killed = heed(...words);
    while (lines().length === 0 && killed.exitCode === null)
      await new Promise((resolve) => setTimeout(resolve, 10));
    killed.kill("SIGKILL");
    await once(killed, "exit");
    const kept = lines();
    expect(kept.length).toBeGreaterThan(0);
    expect(kept.length).toBeLessThan(4);
    expect(existsSync(join(folder, "result.json"))).toBe(false);
    appendFileSync(log(), '{"id":"half a li');

    const again = heed(...words);
    let stdout = "";
    again.stdout.on("data", (chunk) => {
      stdout += chunk;
    });
    const [code] = await once(again, "close");
    expect(code).toBe(0);
    const result: Result = JSON.parse(stdout);
    expect(lines().slice(0, kept.length)).toEqual(kept);
    const before = kept.map((line): TrialRecord => JSON.parse(line));
    expect(result.trials.slice(0, kept.length).map(({ id, seconds }) => [id, seconds])).toEqual(
      before.map(({ id, seconds }) => [id, seconds]),
    );
    // The same trials here, without interruption.
    const experiment: Experiment = bigram;
    for (const { config, seed, metrics } of result.trials) {
      expect((await executeTrial(experiment, { config, seed }, () => {})).metrics).toEqual(metrics);
    }
    expect(readdirSync(folder).sort()).toEqual(["report.html", "result.json", "trials.jsonl"]);
  },
  SECONDS,
);

test(
  "a gated claim that fails is exit code 1, and says what was expected and observed",
  async () => {
    const output = new Kept();
    const given = { size: "smoke", set: ["steps=1", "learningRate=0", "width=32"], out: folder } as const;
    expect(await experimentCommand("bigram", given, output)).toBe(1);
    expect(output.text).toMatch(/fail +.*beats-unigram.*\n +expected .*\n +observed {2}by at least -0\.0/);
    const result: Result = JSON.parse(readFileSync(join(folder, "result.json"), "utf8"));
    expect(result.config).toEqual([
      { ...bigram.grid.smoke.configs[0], steps: 1, learningRate: 0, width: 32 },
    ]);
    expect(result.claims.map(({ id, status }) => [id, status])).toEqual([
      ["full-rank", "not-run"],
      ["rank-decides", "not-run"],
      ["beats-unigram", "fail"],
    ]);
  },
  SECONDS,
);

test(
  "a trial that throws names itself",
  async () => {
    const given = { size: "smoke", set: ["vocabulary=1"], workers: 1, out: folder } as const;
    await expect(experimentCommand("bigram", given, new Kept())).rejects.toThrow(
      /^bigram vocabulary=1 .*width=4.*, seed 0: markov: vocabulary must be a whole number of at least 2, got 1$/,
    );
  },
  SECONDS,
);

test("an unknown experiment or setting is misuse, with the near miss, before anything runs", async () => {
  const unknown = experimentCommand("biggram", { size: "smoke", out: folder }, new Kept());
  await expect(unknown).rejects.toThrow(UsageError);
  await expect(unknown).rejects.toThrow(
    /^experiment: must be one of .*, got "biggram"; did you mean bigram\?$/,
  );
  const setting = experimentCommand("bigram", { size: "smoke", set: ["widht=2"], out: folder }, new Kept());
  await expect(setting).rejects.toThrow("did you mean width?");
  expect(readdirSync(folder)).toEqual([]);
});

test(
  "what a trial keeps lies in a folder of its own, loads again, and goes with --fresh; its story is told",
  async () => {
    const output = new Kept();
    const given = { size: "smoke", set: ["steps=30"], out: folder, workers: 1 } as const;
    const files = () => readdirSync(join(folder, "trials")).map((id) => join(folder, "trials", id));
    await experimentCommand("induction-heads", given, output);
    const ids = lines().map((line): string => JSON.parse(line).id);
    expect(files().sort()).toEqual(ids.map((id) => join(folder, "trials", id)).sort());
    for (const path of files()) {
      expect(readdirSync(path).sort()).toEqual([
        "step-0.safetensors",
        "step-25.safetensors",
        "step-30.safetensors",
      ]);
      const models = [0, 30].map((step) => loadModel(readFileSync(join(path, `step-${step}.safetensors`))));
      const [before, after] = models.map((model) => model.token.weight.values());
      expect(before).toHaveLength(33 * 32);
      expect(after).not.toEqual(before);
    }
    expect(output.text).toContain("One layer never does: ");
    writeFileSync(join(folder, "trials", "old"), "");
    await experimentCommand("induction-heads", { ...given, fresh: true }, output);
    expect(existsSync(join(folder, "trials", "old"))).toBe(false);
  },
  SECONDS,
);

test(
  "trials read the file of --text; its name and digest are settings, and one process or two give the same numbers",
  async () => {
    const file = join(folder, "count.txt");
    writeFileSync(file, "one two three four five six seven. ".repeat(80));
    const set = ["width=8", "steps=4", "context=6", "batch=2"];
    const run = async (workers: number) => {
      const out = join(folder, `out-${workers}`);
      const given = { size: "smoke", text: file, set, seeds: [1, 2], workers, out } as const;
      expect(await experimentCommand("scan-snap-text", given, new Kept())).toBeLessThan(2);
      const result: Result = JSON.parse(readFileSync(join(out, "result.json"), "utf8"));
      return { result, report: readFileSync(join(out, "report.html"), "utf8") };
    };
    const [one, two] = [await run(1), await run(2)];
    expect(one.result.config[0]).toMatchObject({ text: file, width: 8 });
    expect(one.result.config[0]!.textDigest).toMatch(/^[0-9a-f]{16}$/);
    expect(one.result.trials.length).toBe(4);
    expect(two.result.trials.map(({ id, metrics }) => ({ id, metrics }))).toEqual(
      one.result.trials.map(({ id, metrics }) => ({ id, metrics })),
    );
    expect(one.result.trials[0]!.metrics.tokens).toContain("two");
    expect(one.report).toContain(
      `experiment scan-snap-text --smoke --text ${file} --set ${set.join(" ")} --seeds 1,2`,
    );
    // Another text under the same name is other trials; the first ones stay.
    const kept = () =>
      readFileSync(join(folder, "out-1", "trials.jsonl"), "utf8")
        .split("\n")
        .slice(0, -1);
    const before = kept();
    writeFileSync(file, "eight nine ten eleven twelve. ".repeat(80));
    const changed = await run(1);
    expect(kept().slice(0, 4)).toEqual(before);
    expect(kept().length).toBe(8);
    expect(changed.result.trials[0]!.metrics.tokens).toContain("nine");
  },
  SECONDS,
);

test("a text that cannot be used is misuse, before anything runs", async () => {
  const out = join(folder, "out");
  const given = { size: "smoke", out } as const;
  const refused = async (name: string, content: string, message: RegExp) => {
    const file = join(folder, "text.txt");
    writeFileSync(file, content);
    const command = experimentCommand(name, { ...given, text: file }, new Kept());
    await expect(command).rejects.toThrow(UsageError);
    await expect(command).rejects.toThrow(message);
  };
  await refused("bigram", "a b c", /^--text: experiment bigram reads no text/);
  await refused(
    "scan-snap-text",
    "again, again.",
    /^--text: scan-snap-text: .* two distinct words, got only "again"$/,
  );
  await refused("scan-snap-text", "a b c", /^--text: .* needs at least 36 tokens/);
  expect(existsSync(out)).toBe(false);
});

test("settings of scan-snap that cannot be are refused with the near miss, before any step", async () => {
  const refused = (setting: string, message: RegExp) => {
    const command = experimentCommand(
      "scan-snap",
      { size: "smoke", set: [setting], out: folder },
      new Kept(),
    );
    return expect(command).rejects.toThrow(message);
  };
  await refused("preset=synSmal", /^--set: preset must be one of .*; did you mean synSmall\?$/);
  await refused("etay=1", /there is no setting "etay".*did you mean etaY\?$/);
  await refused("etaY=0", /^--set: scan-snap: etaY must be above 0, got 0$/);
  await refused("length=1", /T, a context token and the query at least/);
  await refused("numLast=0", /queries must be a whole number of at least 1/);
  expect(readdirSync(folder)).toEqual([]);
});
