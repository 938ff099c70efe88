// Every experiment at its smoke size: its claims hold, its figures can be drawn from what came out, and it repeats bit for bit.
import { expect, test } from "vitest";
import { experiments } from "../../src/experiments";
import { articles, articlesOf } from "../../src/experiments/articles";
import type { Experiment } from "../../src/experiments/experiment";
import { exitStatus } from "../../src/experiments/result";
import { planTrials, runExperiment } from "../../src/experiments/run";
import { executeTrial } from "../../src/experiments/trial";
import { counting } from "./toy";

const entries: Readonly<Record<string, Experiment>> = experiments;
const SMOKE_SECONDS = 4;

test.each(Object.entries(entries))("%s: a well-formed entry", (key, experiment) => {
  expect(experiment.name).toBe(key);
  expect(experiment.grid.smoke.budgetSeconds).toBeLessThanOrEqual(SMOKE_SECONDS);
  const ids = experiment.claims.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  expect(experiment.claims.some(({ gate }) => gate === "smoke")).toBe(true);
  for (const size of ["smoke", "full"] as const) {
    const { configs, seeds } = experiment.grid[size];
    const jobs = planTrials(experiment, { size, build: "portable", source: "" });
    expect(jobs.length).toBe(configs.length * seeds.length);
    const keys = configs.map((config) => Object.keys(config).sort().join());
    expect(new Set(keys).size).toBe(1); // or --set could not say which settings there are
  }
});

test("all full sizes together fit into an hour on two cores", () => {
  const seconds = Object.values(entries).map(({ grid }) => grid.full.budgetSeconds);
  expect(seconds.reduce((a, b) => a + b)).toBeLessThanOrEqual(2 * 3600);
});

test.each(Object.entries(articles))("the article %s has two claims at least", (name) => {
  const claims = Object.values(entries).flatMap((experiment) => experiment.claims);
  const mine = claims.filter(({ source }) => articlesOf(source).some((article) => article === name));
  expect(mine.length).toBeGreaterThanOrEqual(2);
});

test.each(Object.entries(entries))("%s: the claims of the smoke size hold", async (_, experiment) => {
  const run = { ...counting().run, size: "smoke" as const };
  const result = await runExperiment(experiment, {
    ...run,
    runTrial: (job, onProgress) => executeTrial(experiment, job, onProgress),
  });
  for (const { id, gate, status, observed } of result.claims) {
    if (gate === "smoke") expect([id, status, observed]).toEqual([id, "pass", observed]);
    if (gate === "full") expect([id, status]).toEqual([id, "not-run"]);
  }
  expect(exitStatus(result)).toBe(0);
  const figures = experiment.figures(JSON.parse(JSON.stringify(result.trials)));
  expect(figures.length).toBeGreaterThan(0);
  expect(JSON.parse(JSON.stringify(figures))).toEqual(figures);
});

test.each(Object.entries(entries))(
  "%s: the same trial twice gives the same bits, but for times",
  async (_, experiment) => {
    const { configs, seeds } = experiment.grid.smoke;
    const job = { config: configs[0]!, seed: seeds[0]! };
    const untimed = async (seed: number) => {
      const { metrics } = await executeTrial(experiment, { ...job, seed }, () => {});
      return Object.fromEntries(
        Object.entries(metrics).filter(([name]) => !experiment.timed?.includes(name)),
      );
    };
    const first = await untimed(job.seed);
    expect(Object.keys(first).length).toBeGreaterThan(0);
    expect(await untimed(job.seed)).toEqual(first);
    expect(await untimed(job.seed + 1000)).not.toEqual(first);
  },
);
