// The pool on its own, in a realm of any host: it shares out work, and says so when a thread does not start or is lost.
import { afterEach, expect, test } from "vitest";
import type { ThreadScript } from "../../src/platform/platform";
import { instantiateKernels, loadModule, loadWorker } from "../../src/runtime/kernels";
import { type Pool, startPool } from "../../src/runtime/threads";

const JOBS = 60;
/** Who waits for another thread to take a share waits no longer than that. */
const MOST_JOBS = 10_000;
const SHARES = 100;
const LENGTH = 1000;

const pools: Pool[] = [];
afterEach(() => {
  for (const pool of pools.splice(0)) pool.end();
});

/** A pool that fills memory: share i writes its number to stretch i. */
async function fillers(threads: number, script?: ThreadScript) {
  const module = await loadModule("portable-threads");
  const memory = new WebAssembly.Memory({ initial: 16, maximum: 65536, shared: true });
  const kernels = await instantiateKernels(module, memory);
  const pool = await startPool(
    threads,
    { module, memory, names: ["sfill"] },
    script ?? { source: await loadWorker() },
  );
  pools.push(pool);
  const base = kernels.heap_base();
  let own = 0;
  const call = (ptr: number, value: number, n: number) => {
    own += 1;
    kernels.sfill(ptr, value, n);
  };
  return {
    pool,
    /** How many of all shares the main thread did itself. */
    own: () => own,
    /** Fills memory with `from`, from + 1, ... and returns whether all of it holds that. */
    fill(from: number): boolean {
      const shares = Array.from({ length: SHARES }, (_, i) => [base + 4 * LENGTH * i, from + i, LENGTH]);
      pool.run({ kernel: 0, call: call as (...args: number[]) => unknown, shares });
      const filled = new Float32Array(memory.buffer, base, SHARES * LENGTH);
      return filled.every((value, index) => value === from + Math.floor(index / LENGTH));
    },
  };
}

test.each([2, 3])("%d threads do every share once, job after job", async (threads) => {
  const { fill, own } = await fillers(threads);
  let jobs = 0;
  // On a busy machine this thread may have done the first jobs alone before another has the processor.
  for (; jobs < JOBS || (own() === jobs * SHARES && jobs < MOST_JOBS); jobs++) expect(fill(jobs)).toBe(true);
  expect(own()).toBeLessThan(jobs * SHARES);
});

/** The worker's script with a first line of its own. */
async function spoiled(line: string): Promise<ThreadScript> {
  return { source: `${line}\n${await loadWorker()}` };
}

/** Replaces the kernel in a thread. */
const kernelThat = (does: string) => `
  const { Instance } = WebAssembly;
  WebAssembly.Instance = function () { return { exports: { sfill() { ${does} } } }; };`;

const lost = (reason: string) =>
  new RegExp(
    `^heed: a thread was lost, ${reason}; what was being computed is not sound, so this runtime has stopped: start a new`,
  );

/** Runs jobs until one throws: a thread need not have got a share of the first one. */
function failure(fill: (from: number) => boolean): string {
  try {
    for (let job = 0; job < MOST_JOBS; job++) fill(job);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return "";
}

test("a thread that hangs in a share is noticed, and every later job says the same", async () => {
  const { fill, pool } = await fillers(2, await spoiled(kernelThat("for (;;);")));
  const message = failure(fill);
  expect(message).toMatch(lost("it took a share of the work and did not finish it within \\d{4,} ms"));
  expect(() => fill(0)).toThrow(message);
  expect(pool.lost?.message).toBe(message);
});

test("a kernel that fails in a thread is noticed at once", async () => {
  const { fill } = await fillers(2, await spoiled(kernelThat('throw new Error("trap");')));
  expect(failure(fill)).toMatch(lost("a kernel failed in it"));
});

test("a thread that ends between jobs is noticed", async () => {
  const ends = `
    const answer = globalThis.process ? (x) => require("node:worker_threads").parentPort.postMessage(x) : postMessage;
    answer("ready");
    setTimeout(() => { throw new Error("gone"); }, 50);`;
  const { fill, pool } = await fillers(2, { source: ends });
  await expect.poll(() => pool.lost?.message).toMatch(lost(".*gone"));
  expect(failure(fill)).toBe(pool.lost?.message);
});

test.each([
  ["says nothing", "setInterval(() => {}, 1000);", /^a thread did not start within 1000 ms$/],
  ["is no JavaScript", "this is not JavaScript", /./],
  ["throws", 'throw new Error("no start");', /no start/],
])("a script that %s does not start, and that is an error", async (_, source, reason) => {
  await expect(fillers(2, { source })).rejects.toThrow(reason);
});
