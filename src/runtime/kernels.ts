// From compiled kernels to callable ones: loads a build lazily and instantiates it on a memory.
import { instantiate } from "@assemblyscript/loader";
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
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  return WebAssembly.compile(bytes);
}

export async function instantiateKernels(
  module: WebAssembly.Module,
  memory: WebAssembly.Memory,
): Promise<Kernels> {
  // The declarations were generated from the same sources as the module.
  const { exports } = await instantiate<Kernels & Record<string, unknown>>(module, { env: { memory } });
  return exports;
}
