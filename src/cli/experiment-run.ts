// A run of an experiment as commands make one: what is settled before a trial starts, where trials are kept, and what is written at the end.
import { rmSync } from "node:fs";
import { join } from "node:path";
import { platform } from "#platform";
import { experiments } from "../experiments";
import type { Config, Experiment, Size } from "../experiments/experiment";
import type { Result } from "../experiments/result";
import {
  type PlanOptions,
  planTrials,
  type RunProgress,
  type RunTrial,
  runExperiment,
} from "../experiments/run";
import { renderExperiment } from "../report";
import type { Build } from "../runtime/features";
import { info, init } from "../runtime/instance";
import { replaceFile, writableFolder } from "../terminal/files";
import { at, UsageError } from "../terminal/usage";
import { VERSION } from "../terminal/version";
import { experimentLine } from "./experiment-words";
import { parseOverrides } from "./overrides";
import { readInputs, textSettings } from "./trial-inputs";
import { openTrialLog, TRIALS, type TrialLog } from "./trial-log";

export interface PlanArguments {
  readonly size: Size;
  readonly build: Build;
  /** Digest of the experiment's program. */
  readonly source: string;
  readonly seeds?: readonly number[] | undefined;
  /** "key=value" each, for every trial. */
  readonly set?: readonly string[] | undefined;
  /** A file for experiments that read one. */
  readonly text?: string | undefined;
}

export interface PlannedRun {
  readonly experiment: Experiment;
  readonly options: PlanOptions;
  /** Trials of the whole run. */
  readonly total: number;
}

/** The registry as commands see it. */
export const entries: Readonly<Record<string, Experiment>> = experiments;

/** The settings of an experiment at a size, by which `--set` and `--text` know what there is. */
export function settingsOf(experiment: Experiment, size: Size): Config {
  return experiment.grid[size].configs[0] ?? {};
}

/**
 * Checks everything that can be checked before a trial runs.
 * @throws UsageError for a setting or a text that cannot be used
 */
export function planRun(experiment: Experiment, given: PlanArguments): PlannedRun {
  const { size, build, source, seeds, set = [], text } = given;
  const settings = settingsOf(experiment, size);
  const overrides = {
    ...parseOverrides(set, settings, experiment.choices),
    ...(text !== undefined && textSettings(experiment.name, settings, text)),
  };
  const inputs = text === undefined ? {} : readInputs(overrides);
  const options = { size, build, source, overrides, inputs, ...(seeds && { seeds }) };
  const jobs = at(text === undefined ? "--set" : "--text", () => planTrials(experiment, options), UsageError);
  return { experiment, options, total: jobs.length };
}

/**
 * The trials that a folder holds; `fresh` empties it.
 * @throws UsageError for a folder that cannot be written to
 */
export function openLog(folder: string, { fresh = false } = {}): TrialLog {
  writableFolder(folder);
  if (fresh) rmSync(join(folder, TRIALS), { recursive: true, force: true });
  return openTrialLog(join(folder, "trials.jsonl"), { fresh });
}

/** Where the results of an experiment are kept, below `base`. */
export function resultFolder(base: string, name: string, size: Size): string {
  return join(base, name, ...(size === "smoke" ? ["smoke"] : []));
}

export interface Execution {
  readonly log: TrialLog;
  readonly runTrial: RunTrial;
  readonly workers: number;
  readonly onProgress: (progress: RunProgress) => void;
}

/** @throws TrialError when a trial failed; what was finished is in the log, and the same command goes on from there */
export function executeRun(
  { experiment, options }: PlannedRun,
  { log, runTrial, workers, onProgress }: Execution,
): Promise<Result> {
  return runExperiment(experiment, {
    ...options,
    stamp: { version: VERSION, host: platform.host, date: () => new Date().toISOString() },
    finished: log.finished,
    runTrial,
    workers,
    onRecord: log.append,
    onProgress,
  });
}

/** Writes result.json and report.html; returns the path of the report. */
export function keepResult({ experiment, options }: PlannedRun, result: Result, folder: string): string {
  const report = join(folder, "report.html");
  replaceFile(join(folder, "result.json"), `${JSON.stringify(result, null, 1)}\n`);
  const command = experimentLine(result, options.overrides ?? {});
  replaceFile(report, renderExperiment(result, experiment.figures(result.trials), command));
  return report;
}

/** Seconds that the trials of a result took, on a core each. */
export function secondsOf(result: Result): number {
  return result.trials.reduce((sum, { seconds }) => sum + seconds, 0);
}

/** Trials are identified by the build that runs them, so "auto" is settled once, here. */
export async function concreteBuild(build: "auto" | Build = "portable"): Promise<Build> {
  if (build !== "auto") return build;
  await init({ build });
  return info().build;
}
