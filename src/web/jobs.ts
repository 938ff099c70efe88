// Both ends of a worker that does jobs, one at a time: each is told how far it is, and comes to a result or an error.
import { engine, serve } from "./port";

type JobNews<Progress, Result> =
  | { readonly kind: "progress"; readonly progress: Progress }
  | { readonly kind: "done"; readonly result: Result }
  | { readonly kind: "failed"; readonly message: string };

export interface JobWorker<Job, Progress, Result> {
  /** The next one may be given once this is done or has failed. */
  run(job: Job, onProgress: (progress: Progress) => void): Promise<Result>;
  /** Ends the worker at once, whatever it is doing. */
  close(): void;
}

/** @param worker as for `engine` */
export function jobWorker<Job, Progress, Result>(worker: Worker): JobWorker<Job, Progress, Result> {
  let hear: (news: JobNews<Progress, Result>) => void = () => {};
  const { send, close } = engine<Job, JobNews<Progress, Result>>(
    worker,
    (news) => hear(news),
    (message) => hear({ kind: "failed", message }),
  );
  return {
    run: (job, onProgress) =>
      new Promise((resolve, reject) => {
        hear = (news) => {
          if (news.kind === "progress") onProgress(news.progress);
          else if (news.kind === "done") resolve(news.result);
          else reject(new Error(news.message));
        };
        send(job);
      }),
    close,
  };
}

/** The worker's end. */
export function serveJobs<Job, Progress, Result>(
  work: (job: Job, tellProgress: (progress: Progress) => void) => Promise<Result>,
): void {
  const tell = serve<Job, JobNews<Progress, Result>>(
    async (job) => {
      const result = await work(job, (progress) => tell({ kind: "progress", progress }));
      tell({ kind: "done", result });
    },
    (message) => ({ kind: "failed", message }),
  );
}
