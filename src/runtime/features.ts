// What this host's WebAssembly can do, and which build follows from that and the user's request.
import { platform } from "#platform";

export type Build = "portable" | "fast";
export type KernelFile = Build | `${Build}-threads`;

export interface Features {
  readonly simd: boolean;
  readonly relaxedSimd: boolean;
  readonly sharedMemory: boolean;
}

export interface Request {
  readonly build: "auto" | Build;
  readonly threads: "auto" | number;
}

export interface Selection {
  readonly file: KernelFile;
  readonly build: Build;
  readonly threads: number;
  /** One sentence: why this build and this number of threads. */
  readonly reason: string;
}

/** Threads that this version can run in one runtime. */
export const MAXIMUM_THREADS = 1;

// (module (func (result v128) i32.const 0 i8x16.splat i8x16.popcnt))
const SIMD_PROBE = [1, 8, 0, 65, 0, 253, 15, 253, 98, 11];
// (module (func (result v128) three v128 constants, f32x4.relaxed_madd))
const RELAXED_PROBE = [1, 17, 0, 65, 0, 253, 15, 65, 0, 253, 15, 65, 0, 253, 15, 253, 133, 2, 11];

export function detectFeatures(): Features {
  if (typeof WebAssembly === "undefined") return { simd: false, relaxedSimd: false, sharedMemory: false };
  return {
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
  const threads = request.threads === "auto" ? MAXIMUM_THREADS : request.threads;
  if (threads > MAXIMUM_THREADS) {
    throw new Error(
      `init: this version computes on ${MAXIMUM_THREADS} thread, got threads ${threads}; use "auto"`,
    );
  }
  if (threads > 1 && !features.sharedMemory) {
    throw new Error(
      `init: ${threads} threads need shared memory, which this page lacks; serve it cross-origin isolated`,
    );
  }
  const build = request.build === "auto" ? (features.relaxedSimd ? "fast" : "portable") : request.build;
  return {
    file: threads > 1 ? `${build}-threads` : build,
    build,
    threads,
    reason: reasonFor(request, build, threads),
  };
}

function reasonFor(request: Request, build: Build, threads: number): string {
  const why =
    request.build !== "auto"
      ? "as asked"
      : build === "fast"
        ? "the host has relaxed SIMD"
        : "the host has no relaxed SIMD";
  return `${build} (${why}), ${threads} thread${threads > 1 ? "s" : " (all that this version runs)"}`;
}

/** Whether a module of one function `() -> v128`, with the given code section after its id, is valid here. */
function validates(code: number[]): boolean {
  const header = [0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0];
  return WebAssembly.validate(new Uint8Array([...header, 10, code.length, ...code]));
}
