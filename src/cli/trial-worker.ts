// The process that runs trials for `heed experiment`: one after another, on one runtime.
import { join } from "node:path";
import { experiments } from "../experiments";
import type { Experiment } from "../experiments/experiment";
import { executeTrial, type Outcome } from "../experiments/trial";
import { serveJobs } from "../platform/process-pool";
import { init } from "../runtime/instance";
import { replaceFile } from "../terminal/files";
import { readInputs } from "./trial-inputs";
import type { PlacedTrial } from "./trial-pool";

const entries: Readonly<Record<string, Experiment>> = experiments;

serveJobs<PlacedTrial, Outcome>(async ({ threads, files, ...job }, onProgress) => {
  const experiment = entries[job.experiment];
  if (!experiment) throw new Error(`there is no experiment "${job.experiment}"`);
  await init({ build: job.build, threads });
  return executeTrial(experiment, job, onProgress, readInputs(job.config), ({ name, bytes }) =>
    replaceFile(join(files, name), bytes),
  );
});
