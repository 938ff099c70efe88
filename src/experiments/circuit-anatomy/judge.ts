// Claims of circuit-anatomy are judged seed by seed, on the runs of one kind.
import type { Claim, Gate, Observation } from "../experiment";
import { where } from "../select";
import type { AnatomyConfig, AnatomyMetrics, AnatomyTrial } from "./trial";

export type AnatomyClaim = Claim<AnatomyConfig, AnatomyMetrics>;

/** What the trials are of. */
export const runs = {
  "one layer": { task: "repeats", layers: 1, smear: "no" },
  "two layers": { task: "repeats", layers: 2 },
  "one layer on names": { task: "names", layers: 1 },
  "two layers on names": { task: "names", layers: 2 },
} as const satisfies Record<string, Partial<AnatomyConfig>>;

interface Given {
  readonly id: string;
  readonly statement: string;
  readonly source: string;
  readonly expected: string;
  readonly gate: Gate;
  /** Runs that it is about. */
  readonly of: keyof typeof runs;
  readonly judge: (metrics: AnatomyMetrics) => Observation;
}

interface Limited extends Omit<Given, "of" | "judge" | "gate"> {
  readonly of: (metrics: AnatomyMetrics) => number;
  readonly limit: number;
}

/** Holds when every run of its kind says so. */
export function claim({ of, judge, ...words }: Given): AnatomyClaim {
  return {
    ...words,
    check: (trials) => everyRun(where(trials, runs[of]), judge),
  };
}

function everyRun(
  trials: readonly AnatomyTrial[],
  judge: (metrics: AnatomyMetrics) => Observation,
): Observation | undefined {
  if (trials.length === 0) return undefined;
  const judged = trials.map(({ seed, metrics }) => ({ seed, ...judge(metrics) }));
  return {
    observed: judged.map(({ seed, observed }) => `seed ${seed}: ${observed}`).join("; "),
    holds: judged.every(({ holds }) => holds),
  };
}

/** An error that must be small in every run, of whatever kind: the largest decides. */
export function atMost({ of, limit, ...words }: Limited): AnatomyClaim {
  return {
    ...words,
    gate: "smoke",
    check(trials) {
      if (trials.length === 0) return undefined;
      const errors = trials.map(({ metrics }) => of(metrics));
      const largest = Math.max(...errors);
      return { observed: `${largest.toExponential(1)} in ${trials.length} runs`, holds: largest <= limit };
    },
  };
}

/** "0.91 0.88" */
export function numbers(values: readonly number[], digits = 2): string {
  return values.map((value) => value.toFixed(digits)).join(" ");
}
