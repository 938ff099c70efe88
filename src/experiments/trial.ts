// One trial as a job: its identity, the line that records it, and its execution wherever heed runs.
import { digest } from "../math/digest";
import type { Build } from "../runtime/features";
import { rng } from "../tensor/rng";
import type { Config, Experiment, Inputs, Json, Metrics, Trial, TrialFile, Yielded } from "./experiment";

/** Everything that determines a trial's metrics, as plain JSON: it travels to workers. */
export interface TrialJob {
  readonly id: string;
  readonly experiment: string;
  readonly config: Config;
  readonly seed: number;
  readonly build: Build;
  /** Digest of heed's code. */
  readonly source: string;
}

export interface Outcome {
  readonly metrics: Metrics;
  readonly seconds: number;
}

/** A line of trials.jsonl. */
export interface TrialRecord extends TrialJob, Trial<Config, Metrics> {
  readonly host: string;
}

export function trialJob(given: Omit<TrialJob, "id">): TrialJob {
  const { experiment, config, seed, build, source } = given;
  const settings = Object.keys(config)
    .sort()
    .map((key) => [key, config[key]]);
  const id = digest(new TextEncoder().encode(JSON.stringify([experiment, settings, seed, build, source])));
  return { id, experiment, config, seed, build, source };
}

/** "bigram width=8 steps=600, seed 1": a trial as errors and progress name it. */
export function describeTrial({
  experiment,
  config,
  seed,
}: Pick<TrialJob, "experiment" | "config" | "seed">): string {
  const settings = Object.entries(config).map(([key, value]) => ` ${key}=${value}`);
  return `${experiment}${settings.join("")}, seed ${seed}`;
}

/**
 * Runs a trial in this realm, on the runtime that `init` started.
 * @param onProgress the share done; where it returns a promise, the trial pauses until it resolves
 * @param onFile takes the files that the trial keeps; without it they are lost
 * @throws Error when a metric is not plain JSON
 */
export async function executeTrial(
  experiment: Experiment,
  { config, seed }: Pick<TrialJob, "config" | "seed">,
  onProgress: (part: number) => void | Promise<void>,
  inputs: Inputs = {},
  onFile: (file: TrialFile) => void = () => {},
): Promise<Outcome> {
  const began = performance.now();
  const running = experiment.trial(config, rng(seed), inputs);
  const metrics = isGenerator(running) ? await drive(running, onProgress, onFile) : running;
  expectPlain(metrics, "metrics");
  const seconds = Math.round(performance.now() - began) / 1000;
  // Through JSON, so that a fresh trial equals the same one read back: -0 becomes 0.
  const plain: Metrics = JSON.parse(JSON.stringify(metrics));
  return { metrics: plain, seconds };
}

async function drive<M>(
  running: Generator<Yielded, M, void>,
  onProgress: (part: number) => void | Promise<void>,
  onFile: (file: TrialFile) => void,
): Promise<M> {
  for (;;) {
    const turn = running.next();
    if (turn.done) return turn.value;
    if (typeof turn.value === "number") await onProgress(turn.value);
    else onFile(turn.value);
  }
}

function isGenerator<M extends Metrics>(
  running: M | Generator<Yielded, M, void>,
): running is Generator<Yielded, M, void> {
  return Symbol.iterator in running;
}

function expectPlain(value: Json | undefined, place: string): void {
  if (typeof value === "number" && !Number.isFinite(value))
    throw new Error(`${place} must be finite, got ${value}`);
  if (value === null || ["number", "string", "boolean"].includes(typeof value)) return;
  if (typeof value !== "object") throw new Error(`${place} must be plain JSON, got ${typeof value}`);
  const prototype = Object.getPrototypeOf(value);
  if (!Array.isArray(value) && prototype !== Object.prototype && prototype !== null) {
    throw new Error(
      `${place} must be plain JSON, got ${prototype?.constructor?.name}; copy typed arrays with Array.from`,
    );
  }
  for (const [key, item] of Object.entries(value)) expectPlain(item, `${place}.${key}`);
}
