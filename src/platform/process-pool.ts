// Jobs in child processes, one at a time in each: both ends of the conversation. Node only; knows nothing of what a job is.
import { type ChildProcess, fork } from "node:child_process";

export interface PoolOptions {
  /** A module that calls `serveJobs`. */
  readonly entry: URL;
  /** Arguments of node itself; by default this process's own, so that a loader is loaded there too. */
  readonly execArgv?: readonly string[];
  /** The node to run; by default the one that runs this. */
  readonly execPath?: string;
}

export interface ProcessPool<Job, Outcome> {
  /**
   * Runs a job, in an idle process or a new one: the caller decides how many run at once.
   * @throws Error when the job threw, and when its process ended before it
   */
  run(job: Job, onProgress: (part: number) => void): Promise<Outcome>;
  /** Ends all processes. Whatever still runs is lost. */
  close(): void;
}

type Reply<Outcome> =
  | { readonly kind: "progress"; readonly part: number }
  | { readonly kind: "done"; readonly outcome: Outcome }
  | { readonly kind: "failed"; readonly message: string };

/** What progress messages may cost: at most one in this time, and then the event loop gets a turn. */
const PROGRESS_INTERVAL_MS = 100;

/** Jobs and outcomes travel as JSON. What children print goes to stderr, so that stdout stays the parent's. */
export function processPool<Job extends object, Outcome>({
  entry,
  execArgv,
  execPath,
}: PoolOptions): ProcessPool<Job, Outcome> {
  const idle: ChildProcess[] = [];
  const all = new Set<ChildProcess>();

  const start = () => {
    const child = fork(entry, {
      stdio: ["ignore", process.stderr, "inherit", "ipc"],
      ...(execArgv && { execArgv: [...execArgv] }),
      ...(execPath && { execPath }),
    });
    all.add(child);
    // An idle process that dies is simply not used again; `run` listens while there is a job to lose.
    child.on("exit", () => {
      all.delete(child);
      const index = idle.indexOf(child);
      if (index >= 0) idle.splice(index, 1);
    });
    return child;
  };

  return {
    run(job, onProgress) {
      const child = idle.pop() ?? start();
      return new Promise((resolve, reject) => {
        const finish = (settle: () => void) => {
          child.off("message", onMessage).off("exit", onExit).off("error", onError);
          settle();
        };
        const onMessage = (message: unknown) => {
          const reply = message as Reply<Outcome>; // the other end is serveJobs
          if (reply.kind === "progress") return onProgress(reply.part);
          if (all.has(child)) idle.push(child);
          finish(() => (reply.kind === "done" ? resolve(reply.outcome) : reject(new Error(reply.message))));
        };
        const onExit = (code: number | null, signal: string | null) => {
          const how = signal === null ? `with exit code ${code}` : `by ${signal}`;
          finish(() => reject(new Error(`its worker process ended ${how} before it was done`)));
        };
        const onError = (error: Error) => {
          all.delete(child);
          finish(() => reject(new Error(`its worker process cannot be used: ${error.message}`)));
        };
        child.on("message", onMessage).on("exit", onExit).on("error", onError);
        child.send(job, (error) => {
          if (error) onError(error);
        });
      });
    },
    close() {
      for (const child of all) child.kill();
    },
  };
}

/**
 * The child's end: answers every job with what `work` makes of it. `onProgress` may be called often; where it returns a promise,
 * await it: that is the event loop's turn. Ends when the parent does.
 */
export function serveJobs<Job, Outcome>(
  work: (job: Job, onProgress: (part: number) => undefined | Promise<void>) => Promise<Outcome>,
): void {
  const send = (reply: Reply<Outcome>) => process.send?.(reply);
  process.on("disconnect", () => process.exit(0));
  // Ctrl-C reaches the whole group; the parent decides what becomes of it and then ends this process.
  process.on("SIGINT", () => {});
  let last = performance.now();
  const onProgress = (part: number) => {
    if (performance.now() - last < PROGRESS_INTERVAL_MS) return undefined;
    last = performance.now();
    send({ kind: "progress", part });
    return new Promise<void>((resolve) => setImmediate(resolve));
  };
  process.on("message", async (message) => {
    try {
      // What arrives is what `run` of the same pool sent.
      send({ kind: "done", outcome: await work(message as Job, onProgress) });
    } catch (error) {
      send({ kind: "failed", message: error instanceof Error ? error.message : String(error) });
    }
  });
}
