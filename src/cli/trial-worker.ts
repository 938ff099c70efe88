// The process that runs trials for `heed experiment`: one after another, on one runtime.
import { experiments } from "../experiments";
import type { Experiment } from "../experiments/experiment";
import { executeTrial, type Outcome } from "../experiments/trial";
import { serveJobs } from "../platform/process-pool";
import { init } from "../runtime/instance";
import type { ThreadedTrial } from "./experiment";
import { readInputs } from "./trial-inputs";

const entries: Readonly<Record<string, Experiment>> = experiments;

serveJobs<ThreadedTrial, Outcome>(async ({ threads, ...job }, onProgress) => {
  const experiment = entries[job.experiment];
  if (!experiment) throw new Error(`there is no experiment "${job.experiment}"`);
  await init({ build: job.build, threads });
  return executeTrial(experiment, job, onProgress, readInputs(job.config));
});
