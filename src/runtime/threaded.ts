// Kernels whose large calls run on all threads: each in `cuts` is replaced by one that cuts a call where that pays.
import { type Arguments, type Cut, type Cuts, cuts } from "./cuts";
import type { Heap } from "./heap";
import type { Kernels } from "./kernels";
import type { Pool } from "./threads";

/** The kernels that are cut, in the order of their numbers in the pool. */
export const cutNames = Object.keys(cuts) as (keyof typeof cuts)[]; // its own keys

/** Workspaces of two threads share no cache line, nor a pair that the processor fetches together. */
const APART_BYTES = 128;

export function threaded(kernels: Kernels, pool: Pool, heap: Heap): Kernels {
  const replaced = cutNames.map((name, number) => [name, shareOut(name, number, kernels, pool, heap)]);
  return { ...kernels, ...Object.fromEntries(replaced) };
}

type AnyKernel = (...args: number[]) => unknown;

function shareOut<Name extends keyof typeof cuts>(
  name: Name,
  number: number,
  kernels: Kernels,
  pool: Pool,
  heap: Heap,
): AnyKernel {
  const { shares: cut, work }: Cut<Name> = (cuts as Cuts)[name]!; // the name is one of the table's
  const call = kernels[name] as AnyKernel; // arguments come from the table's typed cuts
  return (...args) => {
    const whole = args as Arguments<Name>; // callers see the kernel's own signature
    const shares = cut(whole, pool.threads);
    if (shares.length < 2) return call(...args);
    if (!work) return pool.run({ kernel: number, call, shares });
    const bytes = Math.ceil(work.bytes(kernels, whole) / APART_BYTES) * APART_BYTES;
    const block = heap.alloc((pool.threads - 1) * bytes);
    try {
      pool.run({ kernel: number, call, shares, work: { argument: work.argument, ptr: block.ptr, bytes } });
    } finally {
      heap.free(block);
    }
  };
}
