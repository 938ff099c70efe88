// `heed claims`: every experiment, and all their claims in one table. Trials are those of `heed experiment`, in the same folders: what one
// command has finished the other does not run again.
import { platform } from "#platform";
import { locatedClaims } from "../experiments/articles";
import type { Size } from "../experiments/experiment";
import { exitStatus, type Result } from "../experiments/result";
import { verdictLine } from "../report/verdicts";
import type { Build } from "../runtime/features";
import { Output } from "../terminal/output";
import { messageOf } from "../terminal/usage";
import { VERSION } from "../terminal/version";
import { claimsOverview } from "./claims-table";
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
  settingsOf,
} from "./experiment-run";
import { sourceDigests } from "./source-digest";
import type { TrialLog } from "./trial-log";
import { type TrialPool, trialPool } from "./trial-pool";
import { workProgress } from "./work-progress";

export interface ClaimsArguments {
  readonly size: Size;
  /** Names of experiments; the default is all. */
  readonly only?: readonly string[];
  /** For the experiments that read a text. */
  readonly text?: string;
  readonly workers?: number;
  /** The folder with a folder for each experiment; the default is runs. */
  readonly out?: string;
  readonly json?: string;
  readonly build?: "auto" | Build;
  /** Forgets the trials of earlier runs. */
  readonly fresh?: boolean;
}

interface OpenRun extends PlannedRun {
  readonly folder: string;
  readonly log: TrialLog;
}

/** An experiment at its end: a result, or what one of its trials said when it failed. */
type Ended = { readonly run: OpenRun } & (
  | { readonly result: Result; readonly report: string }
  | { readonly error: string }
);

/**
 * Returns the exit code: 1 when a gated claim or a trial failed. What failed in one experiment does not stop the others.
 * @throws UsageError for a folder or a text that cannot be used
 */
export async function claimsCommand(
  given: ClaimsArguments,
  output = new Output(given.json),
): Promise<number> {
  const { size } = given;
  const runs = await openRuns(given);
  const pool = trialPool("claims", given);
  const ended = await runAll(runs, pool).finally(() => pool.close());
  const claims = ended.flatMap((end) => ("result" in end ? locatedClaims(end.result) : []));
  const failed = ended.some((end) => "error" in end || exitStatus(end.result) === 1);
  output.say(
    [
      claimsOverview(claims, size),
      "",
      ...ended.map((end) => endLine(end, size)),
      "",
      `${size}: ${verdictLine(claims)}`,
    ].join("\n"),
  );
  output.finish({
    command: "claims",
    size,
    stamp: { version: VERSION, host: platform.host, date: new Date().toISOString() },
    experiments: ended.map((end) => experimentJson(end, size)),
    claims,
  });
  return failed ? 1 : 0;
}

/** Plans all before the first folder is made, and opens all before the first trial runs. */
async function openRuns(given: ClaimsArguments): Promise<OpenRun[]> {
  const { size, only, text, out = "runs", fresh = false } = given;
  const names = Object.keys(entries).filter((name) => only === undefined || only.includes(name));
  const build = await concreteBuild(given.build);
  const sources = sourceDigests(names);
  const planned = names.map((name) => {
    const experiment = entries[name]!; // a key of it
    const reads = "text" in settingsOf(experiment, size);
    return planRun(experiment, { size, build, source: sources[name]!, ...(reads && { text }) });
  });
  return planned.map((run) => {
    const folder = resultFolder(out, run.experiment.name, size);
    return { ...run, folder, log: openLog(folder, { fresh }) };
  });
}

/** One experiment after the other as far as there are trials to keep every worker busy; those that take times last and alone. */
function runAll(runs: readonly OpenRun[], pool: TrialPool): Promise<Ended[]> {
  const progress = workProgress(
    runs.map(({ experiment, options: { size }, total }) => ({
      trials: total,
      seconds: experiment.grid[size].budgetSeconds,
    })),
  );
  const runOne = async (run: OpenRun, index: number): Promise<Ended> => {
    const { experiment, folder, log } = run;
    const alone = experiment.timed !== undefined;
    try {
      const result = await executeRun(run, {
        log,
        runTrial: pool.runner({ folder, rank: alone ? runs.length + index : index, alone }),
        // So many that one always waits in line: a place that gets free stays with this experiment while it has trials.
        workers: 2 * pool.workers,
        onProgress: (news) => progress.update(index, news),
      });
      return { run, result, report: keepResult(run, result, folder) };
    } catch (error) {
      return { run, error: messageOf(error) };
    }
  };
  return Promise.all(runs.map(runOne)).finally(progress.stop);
}

/** "bigram  12 trials, 34.5 s of work, budget 60 s  runs/bigram/report.html" */
function endLine(end: Ended, size: Size): string {
  const { experiment, total } = end.run;
  const name = experiment.name.padEnd(26);
  if ("error" in end) return `${name} FAILED: ${end.error}`;
  const seconds = secondsOf(end.result).toFixed(1);
  const { budgetSeconds } = experiment.grid[size];
  return `${name} ${total} trials, ${seconds} s of work, budget ${budgetSeconds} s   ${end.report}`;
}

function experimentJson(end: Ended, size: Size): object {
  const { experiment, folder, total, options } = end.run;
  const { name, paper, grid } = experiment;
  const { budgetSeconds } = grid[size];
  const known = { name, paper, folder, trials: total, source: options.source, budgetSeconds };
  return "error" in end ? { ...known, error: end.error } : { ...known, seconds: secondsOf(end.result) };
}
