// A thread of the pool: instantiates the kernels on the shared memory, then takes shares of jobs until the process or page ends.
// Bundled by scripts/build-kernels.mjs into one classic script, so it imports nothing that is not small and host-free.
import { onFirstMessage } from "../platform/worker-port";
import {
  ARITY,
  argumentsAt,
  awaitJob,
  type Control,
  claim,
  controlOf,
  DONE,
  finish,
  KERNEL,
  TROUBLE,
  WORK_ARGUMENT,
  WORK_BYTES,
  WORK_PTR,
} from "./control";

/** What the main thread sends once. */
export interface Start {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  readonly control: SharedArrayBuffer;
  /** Names of kernels, in the order of their numbers. */
  readonly names: readonly string[];
  /** 0 for the first worker. */
  readonly index: number;
}

type Kernel = (...args: number[]) => unknown;

onFirstMessage((message, answer) => {
  const { module, memory, control, names, index } = message as Start; // threads.ts sends nothing else
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  const kernels = names.map((name) => exports[name] as Kernel); // names of kernels, so functions of numbers
  answer("ready");
  serve(controlOf(control), kernels, index);
});

function serve(control: Control, kernels: readonly Kernel[], index: number): void {
  for (;;) {
    awaitJob(control);
    for (let share = claim(control); share >= 0; share = claim(control)) {
      try {
        runShare(control, kernels, index, share);
      } catch {
        // The share stays unfinished: the main thread sees the mark and gives up.
        Atomics.store(control.words, TROUBLE, 1);
        Atomics.notify(control.words, DONE);
        return;
      }
      finish(control);
    }
  }
}

function runShare({ words, numbers }: Control, kernels: readonly Kernel[], index: number, share: number) {
  const from = argumentsAt(share);
  const args = Array.from(numbers.subarray(from, from + words[ARITY]!));
  const work = words[WORK_ARGUMENT]!;
  if (work >= 0) args[work] = numbers[WORK_PTR]! + index * numbers[WORK_BYTES]!;
  kernels[words[KERNEL]!]!(...args);
}
