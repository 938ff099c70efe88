// Processes that run trials, for as many experiments as there are: so many trials at once and no more, whoever asks.
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { platform } from "#platform";
import type { RunTrial } from "../experiments/run";
import type { Outcome, TrialJob } from "../experiments/trial";
import { type PoolOptions, processPool } from "../platform/process-pool";
import { UsageError } from "../terminal/usage";
import { places } from "./places";
import { TRIALS } from "./trial-log";

/** What the process of a trial is told. Threads and folder are no part of what identifies it: results are the same. */
export interface PlacedTrial extends TrialJob {
  readonly threads: number;
  /** For the files that the trial keeps. */
  readonly files: string;
}

export interface RunnerOptions {
  /** Of the experiment's results. */
  readonly folder: string;
  /** Those of a lower rank go first. */
  readonly rank?: number;
  /** Waits for the whole machine, for trials that take the time of what they do. */
  readonly alone?: boolean;
}

export interface TrialPool {
  /** Trials at once. */
  readonly workers: number;
  /** How the trials of one experiment are run. */
  runner(options: RunnerOptions): RunTrial;
  /** Ends all processes. */
  close(): void;
}

/**
 * @param workers by default so many that no core is idle
 * @throws UsageError for more threads than cores
 */
export function trialPool(command: string, { threads = 1, workers = workersFor(threads) }): TrialPool {
  if (threads > 1 && workers * threads > platform.cores) {
    throw new UsageError(
      `${command}: workers times threads must be at most the ${platform.cores} cores, got ${workers} times ${threads}`,
    );
  }
  const pool = processPool<PlacedTrial, Outcome>(worker());
  const inPlace = places(workers);
  return {
    workers,
    runner:
      ({ folder, rank = 0, alone = false }) =>
      (job, onProgress) =>
        inPlace({ rank, takes: alone ? workers : 1 }, () =>
          pool.run({ ...job, threads, files: join(folder, TRIALS, job.id) }, onProgress),
        ),
    close: () => pool.close(),
  };
}

function workersFor(threads: number): number {
  return Math.max(1, Math.floor(platform.cores / threads));
}

/** The entry beside this file: a source, which needs a loader, or a bundle of its own in dist/cli. */
function worker(): PoolOptions {
  if (!import.meta.url.endsWith(".ts")) return { entry: new URL("./trial-worker.js", import.meta.url) };
  const loader = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;
  const entry = new URL("./trial-worker.ts", import.meta.url);
  return { entry, execArgv: ["--conditions=heed-source", "--import", loader] };
}
