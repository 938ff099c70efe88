// Runs an experiment: expands its grid, skips what is finished, hands out the rest, judges the claims. Knows no host: files,
// processes and the clock belong to the caller, so a command, a tab and a job queue run the same trials.
import type { Build } from "../runtime/features";
import type { Config, Experiment, Inputs, Size } from "./experiment";
import { judge, type Result, type Stamp, sameConfig, summarize } from "./result";
import { describeTrial, type Outcome, type TrialJob, type TrialRecord, trialJob } from "./trial";

export interface PlanOptions {
  readonly size: Size;
  readonly build: Build;
  readonly source: string;
  /** Instead of the grid's. */
  readonly seeds?: readonly number[];
  /** Replaces these settings in every config of the grid; configs that become equal run once. */
  readonly overrides?: Config;
  /** What the trials will read, for the check of their configs. */
  readonly inputs?: Inputs;
}

export type RunTrial = (job: TrialJob, onProgress: (part: number) => void) => Promise<Outcome>;

export interface RunOptions extends PlanOptions {
  readonly stamp: Pick<Stamp, "version" | "host"> & { readonly date: () => string };
  /** Lines of earlier runs, any experiment, any code; those with the id of a planned trial are not run again. */
  readonly finished: readonly TrialRecord[];
  readonly runTrial: RunTrial;
  /** Trials at once, at most. */
  readonly workers: number;
  /** Called for each newly finished trial, in the order of finishing. */
  readonly onRecord?: (record: TrialRecord) => void;
  readonly onProgress?: (progress: RunProgress) => void;
}

export interface RunProgress {
  /** Trials done, those of earlier runs included. */
  readonly done: number;
  readonly total: number;
  /** Trials done in all, counting the shares of those that are running. */
  readonly work: number;
  /** Trials that earlier runs had finished. */
  readonly resumed: number;
}

/** A trial did not come to its end. What was finished before and beside it was handed to `onRecord`. */
export class TrialError extends Error {
  constructor(job: TrialJob, cause: unknown) {
    const why = cause instanceof Error ? cause.message : String(cause);
    super(`${describeTrial(job)}: ${why}`, { cause });
    this.name = "TrialError";
  }
}

/**
 * The trials of a run, in order: every config with every seed, each once.
 * @throws Error without seeds, and for a config that the experiment refuses
 */
export function planTrials(experiment: Experiment, options: PlanOptions): TrialJob[] {
  const { build, source } = options;
  const seeds = [...new Set(options.seeds ?? experiment.grid[options.size].seeds)];
  if (seeds.length === 0) throw new Error(`${experiment.name}: at least one seed is needed, got none`);
  const configs = plannedConfigs(experiment, options);
  for (const config of configs) experiment.check?.(config, options.inputs ?? {});
  return configs.flatMap((config) =>
    seeds.map((seed) => trialJob({ experiment: experiment.name, config, seed, build, source })),
  );
}

/**
 * Runs what is not finished and collects the result.
 * @throws TrialError when a trial fails: no further one is started, those in flight are finished and recorded first
 */
export async function runExperiment(experiment: Experiment, options: RunOptions): Promise<Result> {
  const jobs = planTrials(experiment, options);
  const records = new Map<string, TrialRecord>();
  const known = new Map(options.finished.map((record) => [record.id, record]));
  for (const { id } of jobs) {
    const record = known.get(id);
    if (record) records.set(id, record);
  }
  await runAll(
    jobs.filter(({ id }) => !records.has(id)),
    records,
    jobs.length,
    options,
  );
  const trials = jobs.map(({ id }) => {
    const { config, seed, metrics, seconds } = records.get(id)!; // runAll throws unless every job has a record
    return { id, config, seed, metrics, seconds };
  });
  const configs = plannedConfigs(experiment, options);
  const { version, host, date } = options.stamp;
  return {
    experiment: experiment.name,
    question: experiment.question,
    paper: experiment.paper,
    stamp: {
      version,
      build: options.build,
      host,
      date: date(),
      source: options.source,
      seeds: [...new Set(jobs.map(({ seed }) => seed))],
    },
    size: options.size,
    config: configs,
    trials,
    metrics: summarize(configs, trials),
    claims: judge(experiment.claims, trials, options.size),
    story: experiment.story?.(trials) ?? [],
  };
}

/** `workers` lanes that take the next job each, until none is left or one failed. */
async function runAll(
  jobs: readonly TrialJob[],
  records: Map<string, TrialRecord>,
  total: number,
  options: RunOptions,
) {
  const resumed = records.size;
  const parts = new Map<string, number>();
  const report = () => {
    const running = [...parts.values()].reduce((sum, part) => sum + part, 0);
    options.onProgress?.({ done: records.size, total, work: records.size + running, resumed });
  };
  const waiting = [...jobs];
  let failure: TrialError | undefined;
  const lane = async () => {
    for (let job = waiting.shift(); job && !failure; job = waiting.shift()) {
      const { id } = job;
      try {
        const outcome = await options.runTrial(job, (part) => {
          parts.set(id, Math.min(part, 1));
          report();
        });
        const record: TrialRecord = { ...job, host: options.stamp.host, ...outcome };
        options.onRecord?.(record);
        records.set(id, record);
      } catch (error) {
        failure ??= new TrialError(job, error);
      }
      parts.delete(id);
      report();
    }
  };
  report();
  await Promise.all(Array.from({ length: Math.max(1, Math.min(options.workers, jobs.length)) }, lane));
  if (failure) throw failure;
}

function plannedConfigs(experiment: Experiment, options: PlanOptions): Config[] {
  const configs = experiment.grid[options.size].configs.map(
    (config): Config => ({ ...config, ...options.overrides }),
  );
  return configs.filter((config, index) => configs.findIndex((other) => sameConfig(other, config)) === index);
}
