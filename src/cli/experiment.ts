// `heed experiment NAME`: runs its trials in parallel processes, keeps each as it finishes, and prints the claims with verdicts.
import { rmSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { platform } from "#platform";
import { experiments } from "../experiments";
import type { Experiment, Size } from "../experiments/experiment";
import { exitStatus, type Result } from "../experiments/result";
import { planTrials, type RunProgress, runExperiment } from "../experiments/run";
import type { Outcome, TrialJob } from "../experiments/trial";
import { type PoolOptions, processPool } from "../platform/process-pool";
import { renderExperiment } from "../report";
import type { Build } from "../runtime/features";
import { info, init } from "../runtime/instance";
import { claimsTable } from "./claims-table";
import { replaceFile, writableFolder } from "./files";
import { nearest } from "./near-miss";
import { Output } from "./output";
import { parseOverrides } from "./overrides";
import { startProgress } from "./progress";
import { sourceDigests } from "./source-digest";
import { readInputs, textSettings } from "./trial-inputs";
import { openTrialLog } from "./trial-log";
import { at, UsageError } from "./usage";
import { VERSION } from "./version";

export interface ExperimentArguments {
  readonly size: Size;
  readonly seeds?: readonly number[];
  /** "key=value" each, for every trial. */
  readonly set?: readonly string[];
  /** A file for experiments that read one. */
  readonly text?: string;
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

/** Folder of the files that trials keep, a folder a trial within it. */
const TRIALS = "trials";

const entries: Readonly<Record<string, Experiment>> = experiments;

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
  const { size, seeds, threads = 1 } = given;
  const workers = given.workers ?? Math.max(1, Math.floor(platform.cores / threads));
  if (threads > 1 && workers * threads > platform.cores) {
    throw new UsageError(
      `experiment: workers times threads must be at most the ${platform.cores} cores, got ${workers} times ${threads}`,
    );
  }
  const { configs } = experiment.grid[size];
  const settings = configs[0] ?? {};
  const overrides = {
    ...parseOverrides(given.set ?? [], settings, experiment.choices),
    ...(given.text !== undefined && textSettings(name, settings, given.text)),
  };
  const build = await concreteBuild(given.build ?? "portable");
  const inputs = given.text === undefined ? {} : readInputs(overrides);
  const source = sourceDigests([name])[name]!; // a digest for each name
  const plan = { size, build, source, overrides, inputs, ...(seeds && { seeds }) };
  const total = at(
    given.text === undefined ? "--set" : "--text",
    () => planTrials(experiment, plan),
    UsageError,
  ).length;
  const folder = writableFolder(given.out ?? join("runs", name, ...(size === "smoke" ? ["smoke"] : [])));
  if (given.fresh) rmSync(join(folder, TRIALS), { recursive: true, force: true });
  const log = openTrialLog(join(folder, "trials.jsonl"), { fresh: given.fresh ?? false });

  const pool = processPool<PlacedTrial, Outcome>(worker());
  const progress = trialProgress(name, total);
  try {
    const result = await runExperiment(experiment, {
      ...plan,
      stamp: { version: VERSION, host: platform.host, date: () => new Date().toISOString() },
      finished: log.finished,
      runTrial: (job, onTrial) => pool.run({ ...job, threads, files: join(folder, TRIALS, job.id) }, onTrial),
      workers,
      onRecord: log.append,
      onProgress: progress.update,
    });
    progress.stop();
    conclude(experiment, result, folder, output);
    return exitStatus(result);
  } finally {
    progress.stop();
    pool.close();
  }
}

/** What the process of a trial is told. Threads and folder are no part of what identifies it: results are the same. */
export interface PlacedTrial extends TrialJob {
  readonly threads: number;
  /** For the files that the trial keeps. */
  readonly files: string;
}

/** Writes result.json and report.html and prints the verdicts. */
function conclude(experiment: Experiment, result: Result, folder: string, output: Output): void {
  const report = join(folder, "report.html");
  replaceFile(join(folder, "result.json"), `${JSON.stringify(result, null, 1)}\n`);
  replaceFile(report, renderExperiment(result, experiment.figures(result.trials)));
  const { seeds, build } = result.stamp;
  const { budgetSeconds } = experiment.grid[result.size];
  const spent = result.trials.reduce((sum, { seconds }) => sum + seconds, 0);
  output.say(
    [
      result.question,
      `${result.size}: ${result.trials.length} trials, seeds ${seeds.join(", ")}, ${build} build; ${spent.toFixed(1)} s of work, budget ${budgetSeconds} s`,
      "",
      ...(result.story.length > 0 ? [...result.story, ""] : []),
      claimsTable(result.claims),
      "",
      `report   ${report}`,
    ].join("\n"),
  );
  output.finish({ command: "experiment", folder, report, ...result });
}

function findExperiment(name: string): Experiment {
  const found = Object.hasOwn(entries, name) ? entries[name] : undefined;
  if (found) return found;
  const names = Object.keys(entries);
  const near = nearest(name, names);
  throw new UsageError(
    `experiment: must be one of ${names.join(", ")}, got "${name}"${near ? `; did you mean ${near}?` : ""}`,
  );
}

/** Trials are identified by the build that runs them, so "auto" is settled once, here. */
async function concreteBuild(build: "auto" | Build): Promise<Build> {
  if (build !== "auto") return build;
  await init({ build });
  return info().build;
}

/** The entry beside this file: a source, which needs a loader, or a bundle of its own in dist/cli. */
function worker(): PoolOptions {
  if (!import.meta.url.endsWith(".ts")) return { entry: new URL("./trial-worker.js", import.meta.url) };
  const loader = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;
  const entry = new URL("./trial-worker.ts", import.meta.url);
  return { entry, execArgv: ["--conditions=heed-source", "--import", loader] };
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
