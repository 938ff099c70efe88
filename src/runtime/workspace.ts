// Scratch memory for one kernel call.
import { heap } from "./instance";

/** Runs `use` with the address of `bytes` bytes of scratch memory. */
export function withWorkspace<T>(bytes: number, use: (ptr: number) => T): T {
  const block = heap().alloc(bytes);
  try {
    return use(block.ptr);
  } finally {
    heap().free(block);
  }
}
