// A worker that runs trials, one after another on one runtime.
import { experiments } from "../../experiments";
import type { Experiment } from "../../experiments/experiment";
import { executeTrial, type Outcome, type TrialJob } from "../../experiments/trial";
import { init } from "../../runtime/instance";
import { eventLoopTurn, serve } from "../port";

export type TrialNews =
  | { readonly kind: "progress"; readonly part: number }
  | { readonly kind: "done"; readonly outcome: Outcome }
  | { readonly kind: "failed"; readonly message: string };

/** What progress messages may cost: at most one in this time. */
const NEWS_MS = 100;
const entries: Readonly<Record<string, Experiment>> = experiments;

const tell = serve<TrialJob, TrialNews>(
  async (job) => {
    const experiment = entries[job.experiment];
    if (!experiment) throw new Error(`there is no experiment "${job.experiment}"`);
    await init({ build: job.build, threads: 1 });
    let told = performance.now();
    const outcome = await executeTrial(experiment, job, async (part) => {
      if (performance.now() - told < NEWS_MS) return;
      told = performance.now();
      tell({ kind: "progress", part });
      await eventLoopTurn();
    });
    tell({ kind: "done", outcome });
  },
  (message) => ({ kind: "failed", message }),
);
