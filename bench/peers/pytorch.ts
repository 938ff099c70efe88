// PyTorch as a peer: a Python process that reads tasks and writes times, a line each.
import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { productFlops } from "../flops";
import { quartiles } from "../harness";
import type { Task } from "./peer";
import type { Runner } from "./run";
import type { PeerTimes } from "./serve";

/** Debian's PyTorch without a real BLAS multiplies at 1.3 GFLOP/s: no comparison with that. */
const LEAST_GFLOPS = 10;
const QUALIFYING: Task = { kind: "matmul", n: 512 };

export function openTorch(script: string, fixture: string): Runner {
  let child: ChildProcess | undefined;
  let lines: AsyncIterator<string> | undefined;
  let qualified: Promise<string | undefined> | undefined;
  let complaint = "";
  let closed: Promise<unknown> = Promise.resolve();

  const ask = async (task: Task): Promise<PeerTimes> => {
    if (!child) {
      const environment = { ...process.env, OMP_NUM_THREADS: "1", OPENBLAS_NUM_THREADS: "1" };
      child = spawn("/usr/bin/python3", [script, fixture], {
        env: environment,
        stdio: ["pipe", "pipe", "pipe"],
      });
      // Without a python its output ends at once.
      child.on("error", (error) => {
        complaint = error.message;
      });
      const started = child;
      closed = new Promise<void>((resolve) => started.on("close", () => resolve()));
      child.stderr?.on("data", (text: Buffer) => {
        complaint = String(text).trim().split("\n").at(-1) ?? "";
      });
      child.stdin?.on("error", () => undefined);
      lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator](); // piped above
    }
    child.stdin?.write(`${JSON.stringify(task)}\n`);
    const line = await lines!.next(); // made with the child
    if (line.done) await closed; // by then it has said why
    if (line.done) return { reason: `does not run here: ${complaint}` };
    return JSON.parse(line.value) as PeerTimes; // what pytorch.py prints
  };

  /** Why this PyTorch is not compared with, if so. */
  const disqualify = async () => {
    const times = await ask(QUALIFYING);
    if ("reason" in times) return times.reason;
    const rate = productFlops({ m: 512, n: 512, k: 512 }) / quartiles(times.seconds).low / 1e9;
    process.stderr.write(`bench:peers: PyTorch multiplies 512 x 512 at ${rate.toFixed(1)} GFLOP/s\n`);
    return rate < LEAST_GFLOPS
      ? `multiplies at ${rate.toFixed(1)} GFLOP/s, below ${LEAST_GFLOPS}: install libopenblas0-serial`
      : undefined;
  };

  return {
    name: "pytorch",
    async time(task) {
      qualified ??= disqualify();
      const reason = await qualified;
      return reason === undefined ? ask(task) : { reason };
    },
    close: () => void child?.kill(),
  };
}
