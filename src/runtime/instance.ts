// The one runtime of this realm: its kernels, memory and heap. `init` makes it, everything else reads it.
import { platform } from "#platform";
import {
  type Build,
  detectFeatures,
  type Features,
  type KernelFile,
  type Request,
  type Selection,
  select,
} from "./features";
import { Heap } from "./heap";
import { instantiateKernels, type Kernels, loadModule } from "./kernels";

export interface InitOptions extends Partial<Request> {
  /** A compiled `heed/kernels/*.wasm`, for hosts that forbid compiling from bytes. It decides the build. */
  readonly module?: WebAssembly.Module;
}

export interface Info extends Selection {
  readonly host: string;
  readonly features: Features;
  readonly memoryBytes: number;
  readonly liveBytes: number;
}

interface Runtime {
  readonly kernels: Kernels;
  readonly memory: WebAssembly.Memory;
  readonly heap: Heap;
  readonly selection: Selection;
  readonly features: Features;
}

let runtime: Runtime | undefined;
let pending: { readonly key: string; readonly done: Promise<void> } | undefined;

/**
 * Loads the kernels; await it once before anything else of heed. Calling it again with the same options is free.
 *
 * @param options `build`: "portable" gives the same bits on every host, "fast" uses relaxed SIMD, "auto" (default) takes fast where
 *   the host has it. `threads`: "auto" (default) or a number.
 * @throws Error when the host lacks WebAssembly SIMD, when an explicit build or thread count cannot be had, and when a runtime
 *   with other options is already there (one per realm: use a worker or a process for a second).
 */
export async function init(options: InitOptions = {}): Promise<void> {
  const request: Request = { build: options.build ?? "auto", threads: options.threads ?? "auto" };
  const key = JSON.stringify([request.build, request.threads, options.module !== undefined]);
  if (pending && pending.key !== key) {
    throw new Error(
      `init: this realm already has a runtime (${runtime?.selection.reason ?? "starting"}) and was asked for ${JSON.stringify(request)}; use a worker or a process for a second one`,
    );
  }
  pending ??= { key, done: start(request, options.module) };
  try {
    await pending.done;
  } catch (error) {
    pending = undefined;
    throw error;
  }
}

/** What runs here and why. Throws before `init`. */
export function info(): Info {
  const { selection, features, memory, heap } = active();
  return {
    ...selection,
    host: platform.host,
    features,
    memoryBytes: memory.buffer.byteLength,
    liveBytes: heap.liveBytes,
  };
}

export function kernels(): Kernels {
  return active().kernels;
}

export function heap(): Heap {
  return active().heap;
}

/** The floats at `ptr`. Valid until memory next grows: use it at once, never keep it. */
export function floatsAt(ptr: number, length: number): Float32Array {
  return new Float32Array(active().memory.buffer, ptr, length);
}

/** The 32-bit integers at `ptr`. Valid until memory next grows: use it at once, never keep it. */
export function integersAt(ptr: number, length: number): Int32Array {
  return new Int32Array(active().memory.buffer, ptr, length);
}

function active(): Runtime {
  if (!runtime) throw new Error("heed: the kernels are not loaded; call `await init()` first");
  return runtime;
}

async function start(request: Request, given: WebAssembly.Module | undefined): Promise<void> {
  if (request.build !== "portable") platform.enableRelaxedSimd();
  const features = detectFeatures();
  const wanted = select(request, features);
  const { kernels, memory } = given
    ? await instantiateGiven(given)
    : await instantiateOn(await loadModule(wanted.file), { shared: wanted.threads > 1 });
  const selection = given ? describeGiven(kernels, request) : wanted;
  runtime = { kernels, memory, heap: new Heap(memory, kernels.heap_base()), selection, features };
}

function describeGiven(kernels: Kernels, request: Request): Selection {
  const build: Build = kernels.build_relaxed() ? "fast" : "portable";
  if (request.build !== "auto" && request.build !== build) {
    throw new Error(`init: the given module is the ${build} build, got build "${request.build}"`);
  }
  const file: KernelFile = kernels.build_shared() ? `${build}-threads` : build;
  return { file, build, threads: 1, reason: `${build} (from the given module), 1 thread` };
}

async function instantiateOn(module: WebAssembly.Module, { shared }: { shared: boolean }) {
  const memory = new WebAssembly.Memory({ initial: 16, maximum: 65536, shared });
  return { memory, kernels: await instantiateKernels(module, memory) };
}

/** A module does not show on every host whether its memory is shared: that is found by trying. */
async function instantiateGiven(module: WebAssembly.Module) {
  const memories = WebAssembly.Module.imports(module).filter(({ kind }) => kind === "memory");
  const names = WebAssembly.Module.exports(module).map(({ name }) => name);
  if (memories.length !== 1 || !names.includes("build_shared")) {
    throw new Error("init: module must be compiled from heed/kernels/{portable,fast}*.wasm, got another one");
  }
  try {
    return await instantiateOn(module, { shared: false });
  } catch (error) {
    if (!(error instanceof WebAssembly.LinkError)) throw error;
    return instantiateOn(module, { shared: true });
  }
}
