// Workers that run trials, one trial at a time in each: the twin of the command line's processes.
import type { Inputs } from "../../experiments/experiment";
import type { RunTrial } from "../../experiments/run";
import type { Outcome, TrialJob } from "../../experiments/trial";
import { type Engine, engine } from "../port";
import type { TrialCommand, TrialNews } from "./trial-engine";

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
      const worker = idle.pop() ?? start(inputs);
      if (!all.includes(worker)) all.push(worker);
      const outcome = await worker.run(job, onProgress);
      idle.push(worker);
      return outcome;
    },
    close() {
      for (const worker of all) worker.close();
    },
  };
}

interface TrialWorker {
  run(job: TrialJob, onProgress: (part: number) => void): Promise<Outcome>;
  close(): void;
}

function start(inputs: Inputs): TrialWorker {
  let hear: (news: TrialNews) => void = () => {};
  const made = new Worker(new URL("./trial-engine.ts", import.meta.url), { type: "module", name: self.name });
  const worker: Engine<TrialCommand> = engine<TrialCommand, TrialNews>(
    made,
    (news) => hear(news),
    (message) => hear({ kind: "failed", message }),
  );
  return {
    run: (job, onProgress) =>
      new Promise((resolve, reject) => {
        hear = (news) => {
          if (news.kind === "progress") onProgress(news.part);
          else if (news.kind === "done") resolve(news.outcome);
          else reject(new Error(news.message));
        };
        worker.send({ job, inputs });
      }),
    close: worker.close,
  };
}
