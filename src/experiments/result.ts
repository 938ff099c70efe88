// What a run of an experiment leaves behind, as plain JSON: stamp, trials, summaries and judged claims.
import type { Claim, Config, Gate, Json, Metrics, Size, Trial } from "./experiment";
import { type Interval, meanInterval } from "./interval";

export interface Stamp {
  /** Of heed. */
  readonly version: string;
  readonly build: string;
  readonly host: string;
  /** ISO 8601, when the run ended. */
  readonly date: string;
  /** Digest of the code that ran. */
  readonly source: string;
  readonly seeds: readonly number[];
}

export interface JudgedClaim {
  readonly id: string;
  readonly statement: string;
  readonly source: string;
  readonly expected: string;
  /** Empty when not run. */
  readonly observed: string;
  readonly gate: Gate;
  readonly status: "pass" | "fail" | "not-run";
}

/** One metric of one config over its seeds. */
export interface MetricSummary extends Interval {
  readonly config: Config;
  readonly metric: string;
}

export interface Result {
  readonly experiment: string;
  readonly question: string;
  readonly paper: string;
  readonly stamp: Stamp;
  readonly size: Size;
  /** The grid as it ran. */
  readonly config: readonly Config[];
  readonly trials: readonly Trial<Config, Metrics>[];
  readonly metrics: readonly MetricSummary[];
  readonly claims: readonly JudgedClaim[];
  /** What came out in plain words; empty for experiments that tell none. */
  readonly story: readonly string[];
}

/** Judges the claims that `size` reaches. A claim whose trials did not run is not judged either. */
export function judge(
  claims: readonly Claim<Config, Metrics>[],
  trials: readonly Trial<Config, Metrics>[],
  size: Size,
): JudgedClaim[] {
  return claims.map((claim) => {
    const { id, statement, source, expected, gate } = claim;
    const reached = gate !== "full" || size === "full";
    const observation = reached ? claim.check(trials) : undefined;
    const status = observation === undefined ? "not-run" : observation.holds ? "pass" : "fail";
    return { id, statement, source, expected, observed: observation?.observed ?? "", gate, status };
  });
}

/** Mean and interval over seeds of every metric that is a single number, config by config. */
export function summarize(
  configs: readonly Config[],
  trials: readonly Trial<Config, Metrics>[],
): MetricSummary[] {
  return configs.flatMap((config) => {
    const mine = trials.filter((trial) => sameConfig(trial.config, config));
    const names = Object.entries(mine[0]?.metrics ?? {}).filter(([, value]) => isNumber(value));
    return names.map(([metric]) => ({
      config,
      metric,
      ...meanInterval(
        mine
          .map((trial) => trial.metrics[metric])
          .filter((value) => value !== undefined)
          .filter(isNumber),
      ),
    }));
  });
}

/** 1 when a claim that its size gates fails, otherwise 0. */
export function exitStatus(result: Pick<Result, "claims">): 0 | 1 {
  return result.claims.some(({ gate, status }) => gate !== "none" && status === "fail") ? 1 : 0;
}

export function sameConfig(a: Config, b: Config): boolean {
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key]);
}

function isNumber(value: Json): value is number {
  return typeof value === "number";
}
