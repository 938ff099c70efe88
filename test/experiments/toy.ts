// An experiment without a model, whose trials cost nothing: what the framework does shows without the rest of heed.
import type { Experiment } from "../../src/experiments/experiment";
import type { RunOptions } from "../../src/experiments/run";
import type { Outcome, TrialRecord } from "../../src/experiments/trial";
import { executeTrial, type TrialJob } from "../../src/experiments/trial";

export type ToyConfig = { readonly width: number; readonly kind: string };
export type ToyMetrics = { readonly value: number; readonly draws: readonly number[] };

export const toy: Experiment<ToyConfig, ToyMetrics> = {
  name: "toy",
  question: "Does a toy value grow with width?",
  paper: "own",
  grid: {
    smoke: { configs: [{ width: 1, kind: "a" }], seeds: [0], budgetSeconds: 1 },
    full: {
      configs: [
        { width: 1, kind: "a" },
        { width: 2, kind: "a" },
      ],
      seeds: [0, 1, 2],
      budgetSeconds: 1,
    },
  },
  *trial({ width }, rng) {
    yield 0.5;
    const draws = [rng.uniform(), rng.uniform()];
    yield 1;
    return { value: width * 10 + draws[0]!, draws };
  },
  claims: [
    {
      id: "grows",
      statement: "The value grows with width.",
      source: "own",
      expected: "larger at width 2",
      gate: "full",
      check(trials) {
        const [one, two] = [1, 2].map((width) => trials.filter(({ config }) => config.width === width));
        if (!one?.length || !two?.length) return undefined;
        const least = Math.min(...two.map(({ metrics }) => metrics.value));
        const most = Math.max(...one.map(({ metrics }) => metrics.value));
        return { observed: `${least} against ${most}`, holds: least > most };
      },
    },
    claim("positive", "smoke", true),
    claim("never-decides", "none", false),
  ],
  figures: () => [],
};

function claim(id: string, gate: "smoke" | "full" | "none", holds: boolean) {
  return { id, statement: id, source: "own", expected: "-", gate, check: () => ({ observed: "-", holds }) };
}

/** Runs trials in this realm and counts them. */
export function counting(options: Partial<RunOptions> = {}) {
  const ran: TrialJob[] = [];
  const records: TrialRecord[] = [];
  const run: RunOptions = {
    size: "full",
    build: "portable",
    source: "0123",
    stamp: { version: "0", host: "a host", date: () => "2026-01-01" },
    finished: [],
    workers: 1,
    runTrial: (job: TrialJob): Promise<Outcome> => {
      ran.push(job);
      return executeTrial(toy, job, () => {});
    },
    onRecord: (record) => records.push(record),
    ...options,
  };
  return { ran, records, run };
}
