// `heed experiment NAME`: runs its trials in parallel processes, keeps each as it finishes, and prints the claims with verdicts.
import type { Experiment, Size } from "../experiments/experiment";
import { exitStatus, type Result } from "../experiments/result";
import type { RunProgress } from "../experiments/run";
import type { Build } from "../runtime/features";
import { nearest } from "../terminal/near-miss";
import { Output } from "../terminal/output";
import { startProgress } from "../terminal/progress";
import { UsageError } from "../terminal/usage";
import { claimsTable } from "./claims-table";
import {
  concreteBuild,
  entries,
  executeRun,
  keepResult,
  openLog,
  type PlannedRun,
  planRun,
  resultFolder,
  secondsOf,
} from "./experiment-run";
import { sourceDigests } from "./source-digest";
import { trialPool } from "./trial-pool";

export interface ExperimentArguments {
  readonly size: Size;
  readonly seeds?: readonly number[];
  /** "key=value" each, for every trial. */
  readonly set?: readonly string[];
  /** A file for experiments that read one. */
  readonly text?: string;
  /** The setting of that name. */
  readonly prompt?: string;
  /** Trials at once; the default leaves no core idle. */
  readonly workers?: number;
  /** Of each trial; the default is 1. */
  readonly threads?: number;
  /** The default is runs/<name>, and runs/<name>/smoke for the smoke size. */
  readonly out?: string;
  /** A file for the result, "-" for stdout. */
  readonly json?: string;
  readonly build?: "auto" | Build;
  /** Forgets the trials in the folder instead of continuing with them. */
  readonly fresh?: boolean;
}

/**
 * Returns the exit code: 1 when a gated claim failed.
 * @throws UsageError for an unknown name, setting, or folder
 * @throws TrialError when a trial failed; what was finished is in trials.jsonl, and the same command goes on from there
 */
export async function experimentCommand(
  name: string,
  given: ExperimentArguments,
  output = new Output(given.json),
): Promise<number> {
  const experiment = findExperiment(name);
  const pool = trialPool("experiment", given);
  try {
    const { size, seeds, text, prompt } = given;
    const set = [...(given.set ?? []), ...(prompt === undefined ? [] : [`prompt=${prompt}`])];
    const build = await concreteBuild(given.build);
    const source = sourceDigests([name])[name]!; // a digest for each name
    const planned = planRun(experiment, { size, build, source, seeds, set, text });
    const folder = given.out ?? resultFolder("runs", name, size);
    const log = openLog(folder, given);
    const progress = trialProgress(name, planned.total);
    const result = await executeRun(planned, {
      log,
      runTrial: pool.runner({ folder }),
      workers: pool.workers,
      onProgress: progress.update,
    }).finally(progress.stop);
    conclude(planned, result, folder, output);
    return exitStatus(result);
  } finally {
    pool.close();
  }
}

/** Keeps the result and prints the verdicts. */
function conclude(planned: PlannedRun, result: Result, folder: string, output: Output): void {
  const report = keepResult(planned, result, folder);
  const { seeds, build } = result.stamp;
  const { budgetSeconds } = planned.experiment.grid[result.size];
  output.say(
    [
      result.question,
      `${result.size}: ${result.trials.length} trials, seeds ${seeds.join(", ")}, ${build} build; ${secondsOf(result).toFixed(1)} s of work, budget ${budgetSeconds} s`,
      "",
      ...(result.story.length > 0 ? [...result.story, ""] : []),
      claimsTable(result.claims, result.size),
      "",
      `report   ${report}`,
    ].join("\n"),
  );
  output.finish({ command: "experiment", folder, report, ...result });
}

/** @throws UsageError with the near miss */
export function findExperiment(name: string): Experiment {
  const found = Object.hasOwn(entries, name) ? entries[name] : undefined;
  if (found) return found;
  const names = Object.keys(entries);
  const near = nearest(name, names);
  throw new UsageError(
    `experiment: must be one of ${names.join(", ")}, got "${name}"${near ? `; did you mean ${near}?` : ""}`,
  );
}

/** Starts with the first news, which says how much earlier runs had done. */
function trialProgress(name: string, total: number): { update(progress: RunProgress): void; stop(): void } {
  let shown: ReturnType<typeof startProgress> | undefined;
  return {
    update({ done, work, resumed }) {
      if (resumed === total) return;
      shown ??= startProgress(`${name} trials`, total, resumed);
      shown.update(done === total ? total : Math.min(Math.floor(10 * work) / 10, total - 0.1));
    },
    stop() {
      shown?.stop();
      shown = undefined;
    },
  };
}
