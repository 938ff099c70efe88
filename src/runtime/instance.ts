// The one runtime of this realm: its kernels, memory and heap. `init` makes it, everything else reads it.
import { platform } from "#platform";
import {
  type Build,
  describe,
  detectFeatures,
  type Features,
  type Request,
  type Selection,
  select,
  selectThreads,
  tallTiles,
} from "./features";
import { Heap } from "./heap";
import { instantiateKernels, type Kernels, loadModule, loadWorker } from "./kernels";
import { cutNames, threaded } from "./threaded";
import { type Pool, startPool } from "./threads";

export interface InitOptions extends Partial<Request> {
  /** A compiled `heed/kernels/*.wasm`, for hosts that forbid compiling from bytes. It decides the build. */
  readonly module?: WebAssembly.Module;
  /** Where `heed/worker.js` is served, for pages whose content security policy forbids workers from a Blob. */
  readonly workerUrl?: string | URL;
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
  readonly tileShape: 0 | 1;
  readonly pool?: Pool;
}

let runtime: Runtime | undefined;
let pending:
  | { readonly key: string; readonly threads: Request["threads"]; readonly done: Promise<void> }
  | undefined;

/**
 * Loads the kernels; await it once before anything else of heed. Calling it again with the same options is free, and any number of threads fits "auto".
 *
 * @param options `build`: "portable" gives the same bits on every host, "fast" uses relaxed SIMD, "auto" (default) takes fast where
 *   the host has it. `threads`: how many compute, the calling one included; "auto" (default) takes one per core where memory can be
 *   shared. Results are the same to the bit for every number.
 * @throws Error when the host lacks WebAssembly SIMD, when an explicit build or thread count cannot be had, and when a runtime
 *   with other options is already there (one per realm: use a worker or a process for a second).
 */
export async function init(options: InitOptions = {}): Promise<void> {
  const request: Request = { build: options.build ?? "auto", threads: options.threads ?? "auto" };
  const key = JSON.stringify([request.build, options.module !== undefined, options.workerUrl]);
  // Any number of threads is one that "auto" may give.
  const fits = request.threads === "auto" || request.threads === pending?.threads;
  if (pending && !(pending.key === key && fits)) {
    throw new Error(
      `init: this realm already has a runtime (${runtime?.selection.reason ?? "starting"}) and was asked for ${JSON.stringify(request)}; use a worker or a process for a second one`,
    );
  }
  pending ??= { key, threads: request.threads, done: start(request, options) };
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

/** What `sgemm_batched` takes as `tall` here. */
export function tileShape(): 0 | 1 {
  return active().tileShape;
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
  if (runtime.pool?.lost) throw runtime.pool.lost;
  return runtime;
}

async function start(request: Request, { module: given, workerUrl }: InitOptions): Promise<void> {
  if (request.build !== "portable") platform.enableRelaxedSimd();
  const features = detectFeatures();
  const wanted = select(request, features);
  const module = given ?? (await loadModule(wanted.file));
  const { kernels, memory } = given
    ? await instantiateGiven(given)
    : await instantiateOn(module, { shared: wanted.threads > 1 });
  const selection = given ? selectGiven(kernels, request, features) : wanted;
  const heap = new Heap(memory, kernels.heap_base());
  const alone: Runtime = {
    kernels,
    memory,
    heap,
    selection,
    features,
    tileShape: tallTiles(selection.build),
  };
  if (selection.threads === 1) {
    runtime = alone;
    return;
  }
  try {
    const script = workerUrl === undefined ? { source: await loadWorker() } : { url: workerUrl };
    const pool = await startPool(selection.threads, { module, memory, names: cutNames }, script);
    runtime = { ...alone, kernels: threaded(kernels, pool, heap), pool };
  } catch (error) {
    const why = `threads do not start here: ${error instanceof Error ? error.message : error}`;
    if (request.threads !== "auto")
      throw new Error(`init: ${why}; use threads "auto" or 1`, { cause: error });
    runtime = {
      ...alone,
      selection: { ...selection, ...describe({ ...selection, threads: 1, whyThreads: why }) },
    };
  }
}

function selectGiven(kernels: Kernels, request: Request, features: Features): Selection {
  const build: Build = kernels.build_relaxed() ? "fast" : "portable";
  if (request.build !== "auto" && request.build !== build) {
    throw new Error(`init: the given module is the ${build} build, got build "${request.build}"`);
  }
  const whyBuild = "from the given module";
  if (kernels.build_shared()) {
    return {
      file: `${build}-threads`,
      ...describe({ build, whyBuild, ...selectThreads(request.threads, features) }),
    };
  }
  if (request.threads !== "auto" && request.threads > 1) {
    throw new Error(
      `init: ${request.threads} threads need a module of ${build}-threads.wasm, got one of ${build}.wasm`,
    );
  }
  const whyThreads = request.threads === 1 ? "as asked" : `more need ${build}-threads.wasm`;
  return { file: build, ...describe({ build, whyBuild, threads: 1, whyThreads }) };
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
