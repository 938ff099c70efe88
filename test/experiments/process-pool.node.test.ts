// The pool of child processes: jobs come back, errors come back as errors, a death is told and costs one job only.
import { afterEach, expect, test } from "vitest";
import { type ProcessPool, processPool } from "../../src/platform/process-pool";

interface Order {
  readonly what: "square" | "throw" | "die" | "wait" | "pid";
  readonly value: number;
}

let pool: ProcessPool<Order, number> | undefined;
const start = (entry = new URL("./fixtures/worker.ts", import.meta.url)) => {
  pool = processPool<Order, number>({ entry, execArgv: ["--conditions=heed-source", "--import", "tsx"] });
  return (what: Order["what"], value: number, onProgress: (part: number) => void = () => {}) =>
    pool!.run({ what, value }, onProgress); // assigned above
};
afterEach(() => pool?.close());

const SECONDS = 120_000;

test(
  "jobs run in processes of their own, which are used again",
  async () => {
    const run = start();
    const parts: number[] = [];
    expect(await run("square", 3, (part) => parts.push(part))).toBe(9);
    expect(parts).toEqual([0, 0.25, 0.5, 0.75]);
    const first = await run("pid", 0);
    expect(first).not.toBe(process.pid);
    expect(await run("pid", 0)).toBe(first);
    const [a, b] = await Promise.all([run("pid", 0), run("pid", 0)]);
    expect(a).not.toBe(b);
  },
  SECONDS,
);

test(
  "a job that throws is rejected with its message, and its process goes on",
  async () => {
    const run = start();
    const pid = await run("pid", 0);
    await expect(run("throw", 4)).rejects.toThrow("order 4 is no good");
    expect(await run("pid", 0)).toBe(pid);
  },
  SECONDS,
);

test(
  "a process that dies is told with how it ended; the others' results are kept and the next job gets a new process",
  async () => {
    const run = start();
    const [dead, alive] = await Promise.allSettled([run("die", 3), run("square", 5)]);
    expect(dead).toMatchObject({
      reason: new Error("its worker process ended with exit code 3 before it was done"),
    });
    expect(alive).toMatchObject({ value: 25 });
    const pid = await run("pid", 0);
    const waiting = run("wait", 20_000);
    setTimeout(() => process.kill(pid, "SIGKILL"), 200);
    await expect(waiting).rejects.toThrow("its worker process ended by SIGKILL before it was done");
    expect(await run("square", 2)).toBe(4);
  },
  SECONDS,
);

test(
  "a process whose module cannot be loaded is an error, not a wait",
  async () => {
    const run = start(new URL("./fixtures/none.ts", import.meta.url));
    await expect(run("square", 1)).rejects.toThrow(
      "its worker process ended with exit code 1 before it was done",
    );
  },
  SECONDS,
);
