// The runner: which trials run, which are skipped, what a failure leaves, what the result says.
import { expect, test } from "vitest";
import type { Config, Experiment } from "../../src/experiments/experiment";
import { exitStatus } from "../../src/experiments/result";
import { planTrials, type RunProgress, runExperiment, TrialError } from "../../src/experiments/run";
import { executeTrial } from "../../src/experiments/trial";
import { counting, toy } from "./toy";

const untimed = (trials: readonly { readonly seconds: number }[]) =>
  trials.map((trial) => ({ ...trial, seconds: 0 }));

test("every config runs with every seed, in the order of the grid", async () => {
  const { ran, run } = counting();
  const result = await runExperiment(toy, run);
  expect(ran.map(({ config, seed }) => [config.width, seed])).toEqual([
    [1, 0],
    [1, 1],
    [1, 2],
    [2, 0],
    [2, 1],
    [2, 2],
  ]);
  expect(result.trials.map(({ config, seed }) => [config.width, seed])).toEqual(
    ran.map(({ config, seed }) => [config.width, seed]),
  );
  expect(result.stamp).toEqual({
    version: "0",
    build: "portable",
    host: "a host",
    date: "2026-01-01",
    source: "0123",
    seeds: [0, 1, 2],
  });
  expect(JSON.parse(JSON.stringify(result))).toEqual(result);
});

test("a trial depends on its config and seed, not on its neighbours or on how many run at once", async () => {
  const alone = await runExperiment(toy, counting({ seeds: [2] }).run);
  const together = await runExperiment(toy, counting({ workers: 4 }).run);
  expect(untimed(together.trials.filter(({ seed }) => seed === 2))).toEqual(untimed(alone.trials));
  expect(new Set(together.trials.map(({ metrics }) => metrics.value)).size).toBe(6);
});

test("a run that failed after k trials is continued: the finished ones are not run again and the result is the same", async () => {
  const whole = await runExperiment(toy, counting().run);
  const broken = counting();
  const { runTrial } = broken.run;
  const failing = {
    ...broken.run,
    runTrial: (job: Parameters<typeof runTrial>[0], onProgress: Parameters<typeof runTrial>[1]) =>
      broken.ran.length === 4 ? Promise.reject(new Error("the power went out")) : runTrial(job, onProgress),
  };
  await expect(runExperiment(toy, failing)).rejects.toThrow("toy width=2 kind=a, seed 1: the power went out");
  expect(broken.records).toHaveLength(4);
  const resumed = counting({ finished: JSON.parse(JSON.stringify(broken.records)) });
  const result = await runExperiment(toy, resumed.run);
  expect(resumed.ran.map(({ config, seed }) => [config.width, seed])).toEqual([
    [2, 1],
    [2, 2],
  ]);
  expect({ ...result, trials: untimed(result.trials) }).toEqual({ ...whole, trials: untimed(whole.trials) });
});

test("when one trial fails, those that run beside it are finished and kept, and no other is started", async () => {
  const { records, run } = counting({ workers: 2 });
  const started: number[] = [];
  const options = {
    ...run,
    runTrial: async (job: Parameters<typeof run.runTrial>[0]) => {
      started.push(job.seed);
      if (job.seed === 0) throw new Error("no memory");
      await new Promise((resolve) => setTimeout(resolve, 20));
      return executeTrial(toy, job, () => {});
    },
  };
  const error = await runExperiment(toy, options).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(TrialError);
  expect(records.map(({ seed }) => seed)).toEqual([1]);
  expect(started).toEqual([0, 1]);
});

test.each([
  ["seed", { seeds: [7] }, 2],
  ["setting", { overrides: { width: 3 } }, 3],
  ["build", { build: "fast" as const }, 6],
  ["source", { source: "4567" }, 6],
])("another %s is another trial", async (_, change, trials) => {
  const { records, run } = counting();
  await runExperiment(toy, run);
  const changed = counting({ ...change, finished: records });
  await runExperiment(toy, changed.run);
  expect(changed.ran).toHaveLength(trials);
});

test("configs that an override makes equal run once, and what the others told is not judged", async () => {
  const { ran, run } = counting({ overrides: { width: 5 }, seeds: [0, 0] });
  const result = await runExperiment(toy, run);
  expect(ran.map(({ config }) => config)).toEqual([{ width: 5, kind: "a" }]);
  expect(result.config).toEqual([{ width: 5, kind: "a" }]);
  expect(result.claims.find(({ id }) => id === "grows")?.status).toBe("not-run");
});

test("the id of a trial does not depend on the order of its settings", () => {
  const ids = (configs: readonly Config[]) => {
    const grid = { ...toy.grid.full, configs };
    const experiment: Experiment = { ...toy, grid: { smoke: grid, full: grid } };
    return planTrials(experiment, { size: "full", build: "portable", source: "0" }).map(({ id }) => id);
  };
  expect(ids([{ width: 1, kind: "a" }])).toEqual(ids([{ kind: "a", width: 1 }]));
  expect(ids([{ width: 1, kind: "1" }])).not.toEqual(ids([{ width: 1, kind: "2" }]));
});

test('gates: a claim of the full size is not judged at smoke size, a smoke claim is judged at both, and "none" never decides', async () => {
  const small = await runExperiment(toy, counting({ size: "smoke" }).run);
  expect(small.claims.map(({ id, status }) => [id, status])).toEqual([
    ["grows", "not-run"],
    ["positive", "pass"],
    ["never-decides", "fail"],
  ]);
  expect(exitStatus(small)).toBe(0);
  const full = await runExperiment(toy, counting().run);
  expect(full.claims.map(({ status }) => status)).toEqual(["pass", "pass", "fail"]);
  expect(exitStatus(full)).toBe(0);
  const shrinking: Experiment = { ...toy, trial: ({ width }) => ({ value: -Number(width) }) };
  const failed = await runExperiment(shrinking, {
    ...counting().run,
    runTrial: (job) => executeTrial(shrinking, job, () => {}),
  });
  expect(failed.claims[0]).toMatchObject({ status: "fail", observed: "-2 against -1" });
  expect(exitStatus(failed)).toBe(1);
});

test("single numbers are summarised over seeds with their interval", async () => {
  const result = await runExperiment(toy, counting().run);
  const values = result.trials
    .filter(({ config }) => config.width === 2)
    .map(({ metrics }) => Number(metrics.value));
  const mean = (values[0]! + values[1]! + values[2]!) / 3;
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) * (value - mean), 0) / 2);
  const summary = result.metrics[1]!;
  expect(result.metrics.map(({ metric, count }) => [metric, count])).toEqual([
    ["value", 3],
    ["value", 3],
  ]);
  expect(summary.mean).toBeCloseTo(mean, 12);
  // Student's t, 97.5 %, 2 degrees of freedom: 4.3027
  expect(summary.high! - mean).toBeCloseTo((4.3027 * deviation) / Math.sqrt(3), 4);
  expect(mean - summary.low!).toBeCloseTo(summary.high! - mean, 12);
});

test("progress counts earlier trials as done and running ones by their share", async () => {
  const first = counting({ seeds: [0] });
  await runExperiment(toy, first.run);
  const seen: RunProgress[] = [];
  const { run } = counting({
    seeds: [0, 1],
    finished: first.records,
    onProgress: (progress) => seen.push(progress),
  });
  await runExperiment(toy, { ...run, runTrial: (job, onProgress) => executeTrial(toy, job, onProgress) });
  expect(seen[0]).toEqual({ done: 2, total: 4, work: 2, resumed: 2 });
  expect(seen).toContainEqual({ done: 2, total: 4, work: 2.5, resumed: 2 });
  expect(seen.at(-1)).toEqual({ done: 4, total: 4, work: 4, resumed: 2 });
  expect(seen.every(({ work }, index) => index === 0 || work >= seen[index - 1]!.work)).toBe(true);
});

test("a trial's story and files reach whoever asks", async () => {
  const telling: Experiment = {
    ...toy,
    *trial(config) {
      yield 0.5;
      yield { name: "half.bin", bytes: Uint8Array.of(1, 2, 3) };
      return { value: Number(config.width) };
    },
    story: (trials) => [`${trials.length} trials ran.`],
  };
  const [parts, files]: [number[], unknown[]] = [[], []];
  const result = await runExperiment(telling, {
    ...counting({ seeds: [0] }).run,
    runTrial: (job) =>
      executeTrial(
        telling,
        job,
        (part) => void parts.push(part),
        {},
        (file) => files.push(file),
      ),
  });
  expect(result.story).toEqual(["2 trials ran."]);
  expect(parts).toEqual([0.5, 0.5]);
  expect(files).toEqual(Array(2).fill({ name: "half.bin", bytes: Uint8Array.of(1, 2, 3) }));
  expect((await runExperiment(toy, counting({ seeds: [0] }).run)).story).toEqual([]);
});

test.each([
  ["NaN", { loss: Number.NaN }, "metrics.loss must be finite, got NaN"],
  [
    "infinity inside",
    { curve: [[1, Number.POSITIVE_INFINITY]] },
    "metrics.curve.0.1 must be finite, got Infinity",
  ],
  [
    "a typed array",
    { table: new Float32Array(2) },
    "metrics.table must be plain JSON, got Float32Array; copy typed arrays with Array.from",
  ],
  ["undefined", { loss: undefined }, "metrics.loss must be plain JSON, got undefined"],
])("a trial whose metrics hold %s failed", async (_, metrics, message) => {
  const experiment = { ...toy, trial: () => metrics } as unknown as Experiment; // wrong on purpose
  await expect(executeTrial(experiment, { config: {}, seed: 0 }, () => {})).rejects.toThrow(message);
});
