// Workers that run trials, one trial at a time in each: the twin of the command line's processes.
import type { Inputs } from "../../experiments/experiment";
import type { RunTrial } from "../../experiments/run";
import type { Outcome } from "../../experiments/trial";
import { type JobWorker, jobWorker } from "../jobs";
import type { GivenTrial } from "./trial-engine";

type TrialWorker = JobWorker<GivenTrial, number, Outcome>;

export interface TrialPool {
  readonly run: RunTrial;
  /** Ends all workers. */
  close(): void;
}

/** @param inputs what all the trials read */
export function trialPool(inputs: Inputs): TrialPool {
  const idle: TrialWorker[] = [];
  const all: TrialWorker[] = [];
  return {
    async run(job, onProgress) {
      const worker = idle.pop() ?? start();
      if (!all.includes(worker)) all.push(worker);
      const outcome = await worker.run({ job, inputs }, onProgress);
      idle.push(worker);
      return outcome;
    },
    close() {
      for (const worker of all) worker.close();
    },
  };
}

function start(): TrialWorker {
  return jobWorker(
    new Worker(new URL("./trial-engine.ts", import.meta.url), { type: "module", name: self.name }),
  );
}
