// A worker that runs trials, one after another on one runtime.
import { experiments } from "../../experiments";
import type { Experiment, Inputs } from "../../experiments/experiment";
import { executeTrial, type Outcome, type TrialJob } from "../../experiments/trial";
import { init } from "../../runtime/instance";
import { eventLoopTurn, serve } from "../port";

export interface TrialCommand {
  readonly job: TrialJob;
  readonly inputs: Inputs;
}

export type TrialNews =
  | { readonly kind: "progress"; readonly part: number }
  | { readonly kind: "done"; readonly outcome: Outcome }
  | { readonly kind: "failed"; readonly message: string };

/** What progress messages may cost: at most one in this time. */
const NEWS_MS = 100;
const entries: Readonly<Record<string, Experiment>> = experiments;

const tell = serve<TrialCommand, TrialNews>(
  async ({ job, inputs }) => {
    const experiment = entries[job.experiment];
    if (!experiment) throw new Error(`there is no experiment "${job.experiment}"`);
    await init({ build: job.build, threads: 1 });
    let told = performance.now();
    const onProgress = async (part: number) => {
      if (performance.now() - told < NEWS_MS) return;
      told = performance.now();
      tell({ kind: "progress", part });
      await eventLoopTurn();
    };
    const outcome = await executeTrial(experiment, job, onProgress, inputs);
    tell({ kind: "done", outcome });
  },
  (message) => ({ kind: "failed", message }),
);
