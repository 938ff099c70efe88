// A worker that runs trials, one after another on one runtime.
import { experiments } from "../../experiments";
import type { Experiment, Inputs } from "../../experiments/experiment";
import { executeTrial, type Outcome, type TrialJob } from "../../experiments/trial";
import { init } from "../../runtime/instance";
import { serveJobs } from "../jobs";
import { eventLoopTurn } from "../port";

export interface GivenTrial {
  readonly job: TrialJob;
  readonly inputs: Inputs;
}

/** What progress messages may cost: at most one in this time. */
const NEWS_MS = 100;
const entries: Readonly<Record<string, Experiment>> = experiments;

serveJobs<GivenTrial, number, Outcome>(async ({ job, inputs }, tellProgress) => {
  const experiment = entries[job.experiment];
  if (!experiment) throw new Error(`there is no experiment "${job.experiment}"`);
  await init({ build: job.build, threads: 1 });
  let told = performance.now();
  const onProgress = async (part: number) => {
    if (performance.now() - told < NEWS_MS) return;
    told = performance.now();
    tellProgress(part);
    await eventLoopTurn();
  };
  return executeTrial(experiment, job, onProgress, inputs);
});
