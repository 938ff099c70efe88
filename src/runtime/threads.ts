// The pool: threads that run the shares of a job beside the main thread. Sharing out changes who computes, never what.
import { platform } from "#platform";
import type { Thread, ThreadScript } from "../platform/platform";
import {
  ARITY,
  argumentsAt,
  CONTROL_BYTES,
  type Control,
  claim,
  controlOf,
  DONE,
  KERNEL,
  publish,
  SPINS,
  TROUBLE,
  WORK_ARGUMENT,
  WORK_BYTES,
  WORK_PTR,
} from "./control";
import type { Start } from "./worker";

/** Threads that are not there after so long have not started. */
const START_MS = 1000;
/** How long the main thread waits for shares of others beyond what its own took, and how many times its own longest it waits. */
const PATIENCE_MS = 1000;
const PATIENCE_FACTOR = 10;
/** The longest the main thread sleeps before it looks again. */
const SLICE_MS = 10;

/** Shares of one kernel call, for any thread in any order. */
export interface Job {
  /** The kernel's place in the names that the pool was started with. */
  readonly kernel: number;
  /** The main thread's own instance of it. */
  readonly call: (...args: number[]) => unknown;
  /** The arguments of each share, the longest share last: it is taken first. */
  readonly shares: readonly (readonly number[])[];
  /** The argument that is workspace, and what the other threads use in its place: `bytes` each from `ptr` on. */
  readonly work?: { readonly argument: number; readonly ptr: number; readonly bytes: number };
}

export interface Pool {
  /** The main thread included. */
  readonly threads: number;
  /** Why nothing can be computed any more. */
  readonly lost: Error | undefined;
  /**
   * Runs all shares and returns when they are done.
   * @throws Error when a thread was lost, then and ever after
   */
  run(job: Job): void;
  /** Ends the threads. For tests: a pool otherwise lasts as long as its process or page. */
  end(): void;
}

/**
 * @param threads the main thread included, at least 2
 * @throws Error when a thread does not start; then none is left
 */
export async function startPool(
  threads: number,
  what: Omit<Start, "control" | "index">,
  script: ThreadScript,
): Promise<Pool> {
  const buffer = new SharedArrayBuffer(CONTROL_BYTES);
  const workers: Thread[] = [];
  let lost: Error | undefined;
  const end = () => {
    for (const worker of workers) worker.end();
  };
  const lose = (reason: string) => {
    lost ??= new Error(
      `heed: a thread was lost, ${reason}; what was being computed is not sound, so this runtime has stopped: start a new process, page or worker, with init({ threads: 1 }) if it happens again`,
    );
    end();
    return lost;
  };
  const starts = Array.from({ length: threads - 1 }, (_, index) =>
    startWorker({ ...what, control: buffer, index }, script, workers, lose),
  );
  try {
    await within(START_MS, Promise.all(starts));
  } catch (error) {
    end();
    throw error;
  }
  const control = controlOf(buffer);
  return {
    threads,
    get lost() {
      return lost;
    },
    run(job) {
      if (lost) throw lost;
      const reason = runJob(control, job);
      if (reason !== undefined) throw lose(reason);
    },
    end,
  };
}

/** Resolves when the thread is ready, rejects when it does not become so; later ends go to `lose`. */
function startWorker(
  start: Start,
  script: ThreadScript,
  workers: Thread[],
  lose: (reason: string) => unknown,
): Promise<void> {
  return new Promise((resolve, reject) => {
    let ready = false;
    const worker = platform.startThread(script, {
      onMessage() {
        ready = true;
        resolve();
      },
      onEnd(reason) {
        if (ready) lose(reason);
        else reject(new Error(reason));
      },
    });
    workers.push(worker);
    worker.post(start);
  });
}

async function within(ms: number, work: Promise<unknown>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise((_, reject) => {
    const give = () => reject(new Error(`a thread did not start within ${ms} ms`));
    // The second, empty timer lets news through that came while the main thread was busy.
    timer = setTimeout(() => {
      timer = setTimeout(give);
    }, ms);
  });
  try {
    await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Nothing, or why a share will never be finished. */
function runJob(control: Control, { kernel, call, shares, work }: Job): string | undefined {
  const { words, numbers } = control;
  words[KERNEL] = kernel;
  words[ARITY] = shares[0]!.length; // a job has shares
  words[WORK_ARGUMENT] = work?.argument ?? -1;
  numbers[WORK_PTR] = work?.ptr ?? 0;
  numbers[WORK_BYTES] = work?.bytes ?? 0;
  shares.forEach((args, share) => {
    numbers.set(args, argumentsAt(share));
  });
  publish(control, shares.length);
  let own = 0;
  let longest = 0;
  let began = platform.milliseconds();
  for (let share = claim(control); share >= 0; share = claim(control)) {
    try {
      call(...shares[share]!);
    } catch (error) {
      return `a kernel failed (${error})`;
    }
    own += 1;
    const now = platform.milliseconds();
    longest = Math.max(longest, now - began);
    began = now;
  }
  return awaitOthers(words, shares.length - own, PATIENCE_MS + PATIENCE_FACTOR * longest);
}

/** Waits until `count` shares are finished by others. */
function awaitOthers(words: Int32Array, count: number, patienceMs: number): string | undefined {
  for (let spin = 0; spin < SPINS; spin++) {
    if (Atomics.load(words, DONE) === count) return undefined;
  }
  // Slices are counted, not the clock: a process that was stopped for a while has not waited.
  for (let waited = 0; waited < patienceMs; ) {
    const done = Atomics.load(words, DONE);
    if (done === count) return undefined;
    if (Atomics.load(words, TROUBLE) !== 0) return "a kernel failed in it";
    if (sleep(words, done)) waited += SLICE_MS;
  }
  return `it took a share of the work and did not finish it within ${Math.round(patienceMs)} ms`;
}

/** Until DONE is no longer `done`, or for a slice of time: then true. */
function sleep(words: Int32Array, done: number): boolean {
  if (platform.mayBlock) return Atomics.wait(words, DONE, done, SLICE_MS) === "timed-out";
  const end = platform.milliseconds() + SLICE_MS;
  while (platform.milliseconds() < end) {
    for (let spin = 0; spin < SPINS; spin++) if (Atomics.load(words, DONE) !== done) return false;
  }
  return true;
}
