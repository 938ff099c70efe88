// What this host's WebAssembly can do, and which build follows from that and the user's request.
import { platform } from "#platform";

export type Build = "portable" | "fast";
export type KernelFile = Build | `${Build}-threads`;

export interface Features {
  readonly simd: boolean;
  readonly relaxedSimd: boolean;
  readonly sharedMemory: boolean;
  /** Logical processors. */
  readonly cores: number;
}

export interface Request {
  readonly build: "auto" | Build;
  readonly threads: "auto" | number;
}

/** A build and a number of threads, with one clause each that says why. */
export interface Explained {
  readonly build: Build;
  readonly threads: number;
  readonly whyBuild: string;
  readonly whyThreads: string;
}

export interface Selection extends Explained {
  readonly file: KernelFile;
  /** The four facts in one sentence. */
  readonly reason: string;
}

/** What "auto" takes at most: the shares of one kernel call in a model that fits here become too short for more. */
const AUTOMATIC_THREADS = 8;
/** Many more than there is any use for. */
const MAXIMUM_THREADS = 64;

// (module (func (result v128) i32.const 0 i8x16.splat i8x16.popcnt))
const SIMD_PROBE = [1, 8, 0, 65, 0, 253, 15, 253, 98, 11];
// (module (func (result v128) three v128 constants, f32x4.relaxed_madd))
const RELAXED_PROBE = [1, 17, 0, 65, 0, 253, 15, 65, 0, 253, 15, 65, 0, 253, 15, 253, 133, 2, 11];

export function detectFeatures(): Features {
  const { cores } = platform;
  if (typeof WebAssembly === "undefined")
    return { simd: false, relaxedSimd: false, sharedMemory: false, cores };
  return {
    cores,
    simd: validates(SIMD_PROBE),
    relaxedSimd: validates(RELAXED_PROBE),
    sharedMemory: platform.canShareMemory && typeof SharedArrayBuffer !== "undefined",
  };
}

/** The build and threads for a request on a host. `auto` takes the best there is; an explicit wish that cannot be met throws. */
export function select(request: Request, features: Features): Selection {
  if (!features.simd) {
    throw new Error(
      "init: heed needs WebAssembly SIMD, which this host lacks; use Node 20.19+, or Chrome 91+, Firefox 89+, Safari 16.4+",
    );
  }
  if (request.build === "fast" && !features.relaxedSimd) {
    throw new Error(
      'init: build "fast" needs relaxed SIMD, which this host lacks; use build "auto" or "portable", or Node 22+, Chrome 114+',
    );
  }
  if (request.threads !== "auto" && !(Number.isInteger(request.threads) && request.threads >= 1)) {
    throw new Error(`init: threads must be "auto" or a whole number of at least 1, got ${request.threads}`);
  }
  const counted = selectThreads(request.threads, features);
  const build = request.build === "auto" ? (features.relaxedSimd ? "fast" : "portable") : request.build;
  return {
    file: counted.threads > 1 ? `${build}-threads` : build,
    ...describe({ build, whyBuild: whyBuild(request, features), ...counted }),
  };
}

/** The facts with the sentence about them. */
export function describe({ build, whyBuild, threads, whyThreads }: Explained): Omit<Selection, "file"> {
  const count = `${threads} thread${threads > 1 ? "s" : ""}`;
  return { build, threads, whyBuild, whyThreads, reason: `${build} (${whyBuild}), ${count} (${whyThreads})` };
}

/**
 * 1 where matrix products gain from register tiles of 6 rows (assembly/sgemm_ukernel.ts), else 0; the bits are the same. They do in
 * the fast build under compilers that leave loads where they stand: V8 in Node 24, not in Node 20 and 22. A compiler does not show
 * what it does; its age shows in Float16Array, which came with V8 13.5.
 */
export function tallTiles(build: Build): 0 | 1 {
  return build === "fast" && "Float16Array" in globalThis ? 1 : 0;
}

/** How many threads, and why. */
export function selectThreads(
  wanted: "auto" | number,
  { sharedMemory, cores }: Features,
): Pick<Explained, "threads" | "whyThreads"> {
  if (wanted === 1) return { threads: 1, whyThreads: "as asked" };
  if (wanted !== "auto") {
    if (wanted > MAXIMUM_THREADS) {
      throw new Error(`init: threads must be at most ${MAXIMUM_THREADS}, got ${wanted}; use "auto"`);
    }
    if (!sharedMemory) {
      throw new Error(
        `init: ${wanted} threads need shared memory, which this page lacks; serve it cross-origin isolated (the headers cross-origin-opener-policy: same-origin and cross-origin-embedder-policy: require-corp), or use threads "auto"`,
      );
    }
    return { threads: wanted, whyThreads: "as asked" };
  }
  if (cores === 1) return { threads: 1, whyThreads: "the host has one core" };
  if (!sharedMemory) return { threads: 1, whyThreads: "more need a page that is cross-origin isolated" };
  if (cores <= AUTOMATIC_THREADS) return { threads: cores, whyThreads: "one per core" };
  return { threads: AUTOMATIC_THREADS, whyThreads: `the most that auto takes, of ${cores} cores` };
}

function whyBuild({ build }: Request, { relaxedSimd }: Features): string {
  if (build !== "auto") return "as asked";
  return relaxedSimd ? "the host has relaxed SIMD" : "the host has no relaxed SIMD";
}

/** Whether a module of one function `() -> v128`, with the given code section after its id, is valid here. */
function validates(code: number[]): boolean {
  const header = [0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0];
  return WebAssembly.validate(new Uint8Array([...header, 10, code.length, ...code]));
}
