// From compiled kernels to callable ones: loads a build lazily and instantiates it on a memory.
import { platform } from "#platform";
import type { instantiate as generated } from "../../build/portable";
import type { KernelFile } from "./features";

/** Every kernel of assembly/index.ts, typed by the declarations that the compiler writes. Pointers are byte addresses. */
export type Kernels = Omit<Awaited<ReturnType<typeof generated>>, "memory">;

const embedded = {
  portable: () => import("#kernels/portable.wasm"),
  fast: () => import("#kernels/fast.wasm"),
  "portable-threads": () => import("#kernels/portable-threads.wasm"),
  "fast-threads": () => import("#kernels/fast-threads.wasm"),
} as const satisfies Record<KernelFile, () => Promise<{ default: string }>>;

export async function loadModule(file: KernelFile): Promise<WebAssembly.Module> {
  const { default: base64 } = await embedded[file]();
  return WebAssembly.compile(platform.decodeBase64(base64));
}

/** The script of a thread (worker.ts), as text. */
export async function loadWorker(): Promise<string> {
  return (await import("#kernels/worker")).default;
}

export async function instantiateKernels(
  module: WebAssembly.Module,
  memory: WebAssembly.Memory,
): Promise<Kernels> {
  // The raw exports: a call through the loader's wrappers costs twice as much (10 against 5 ns), and its `instantiate`
  // asks Node for `Response`, which loads 40 ms of networking. The declarations were generated from the same sources as the module.
  const { exports } = await WebAssembly.instantiate(module, { env: { memory } });
  return exports as unknown as Kernels;
}
