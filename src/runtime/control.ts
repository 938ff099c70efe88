// The control block of a pool: a small shared memory of its own in which the main thread publishes jobs and all threads take shares.
//
//   words (i32)   0 JOB       how many shares are left, below a count of jobs, so that an old share cannot be taken for a new one
//                16 DONE      shares that are finished
//                32 KERNEL, ARITY, WORK_ARGUMENT, SLEEPERS, TROUBLE
//   numbers (f64) 64 WORK_PTR, WORK_BYTES; then the arguments of each share, MOST_ARGUMENTS apart
//
// JOB and DONE, which every thread writes, have cache lines of their own.

/** Shares that one job may have, and arguments that a kernel may take. */
export const MOST_SHARES = 255;
export const MOST_ARGUMENTS = 48;

const SHARE_MASK = MOST_SHARES;
export const JOB = 0;
export const DONE = 16;
export const KERNEL = 32;
export const ARITY = 33;
/** Which argument is the workspace, of which every thread has its own; -1 for none. */
export const WORK_ARGUMENT = 34;
/** Threads that must be woken. */
export const SLEEPERS = 35;
/** 1 when a kernel trapped in a worker. */
export const TROUBLE = 36;
/** Workspace of the first worker, and its size: the next one's follows. */
export const WORK_PTR = 64;
export const WORK_BYTES = 65;
const ARGUMENTS = 66;

/**
 * Looks at a word before a thread goes to sleep over it: some 200 microseconds. A job for threads that are awake costs less than one,
 * one that must wake them 35 (measured in a virtual machine); between the kernels of a training step there are 10 to 100.
 */
export const SPINS = 30_000;

export interface Control {
  readonly words: Int32Array;
  readonly numbers: Float64Array;
}

export const CONTROL_BYTES = 8 * (ARGUMENTS + MOST_SHARES * MOST_ARGUMENTS);

export function controlOf(buffer: SharedArrayBuffer): Control {
  return { words: new Int32Array(buffer), numbers: new Float64Array(buffer) };
}

/** Offers `count` shares to all threads. Everything else about the job must have been written. */
export function publish({ words }: Control, count: number): void {
  Atomics.store(words, DONE, 0);
  const job = Atomics.load(words, JOB);
  Atomics.store(words, JOB, ((job | SHARE_MASK) + 1) | count);
  if (Atomics.load(words, SLEEPERS) > 0) Atomics.notify(words, JOB);
}

/** Takes a share of the current job, the last one first. -1 when none is left. */
export function claim({ words }: Control): number {
  for (;;) {
    const job = Atomics.load(words, JOB);
    const left = job & SHARE_MASK;
    if (left === 0) return -1;
    // Fails when another thread was faster, or when the job is over and the next one is there.
    if (Atomics.compareExchange(words, JOB, job, job - 1) === job) return left - 1;
  }
}

/** Sleeps until there is a share to take. */
export function awaitJob({ words }: Control): void {
  for (;;) {
    for (let spin = 0; spin < SPINS; spin++) {
      if ((Atomics.load(words, JOB) & SHARE_MASK) > 0) return;
    }
    const job = Atomics.load(words, JOB);
    if ((job & SHARE_MASK) > 0) return;
    Atomics.add(words, SLEEPERS, 1);
    Atomics.wait(words, JOB, job);
    Atomics.sub(words, SLEEPERS, 1);
  }
}

/** Where the arguments of a share begin among the numbers. */
export function argumentsAt(share: number): number {
  return ARGUMENTS + share * MOST_ARGUMENTS;
}

/** Counts a share as finished. The main thread may sleep over the count. */
export function finish({ words }: Control): void {
  Atomics.add(words, DONE, 1);
  Atomics.notify(words, DONE);
}
