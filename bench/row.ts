// A row of a suite: a call that is checked first and timed afterwards, and what it amounts to.

export type Size = "full" | "quick" | "tiny";

/** What one call does. At least one is given. */
export interface Work {
  readonly flops?: number;
  /** Bytes read and written, each array counted once per direction. */
  readonly bytes?: number;
  readonly tokens?: number;
}

export interface Row {
  /** What is computed: "forward, causal". Rows of one kind stand together. */
  readonly kind: string;
  /** On what: "T 512, D 64". */
  readonly shape: string;
  readonly work: Work;
  /** What bounds it: the share is of the register peak, or of reading `reads` of the same memory. */
  readonly bound: "arithmetic" | "memory";
  /** Allocates. Throws when this combination cannot be had; the message is the reason. */
  prepare(): Prepared;
}

export interface Prepared {
  /** The call that is timed. */
  run(): void;
  /** Compares with float64 and returns the largest error, as a part of the largest value. */
  check(): number;
  /** The same kernels on little data: called often before anything is timed, so that V8's optimising compiler is reached. */
  warm(): void;
  /** Stretches of floats that a memory-bound call goes through, for its ceiling. */
  readonly reads?: readonly Stretch[];
  /** Workspace that was allocated ahead of the timed call. */
  readonly workBytes?: number;
  release(): void;
}

/** `length` floats at byte address `ptr`. */
export interface Stretch {
  readonly ptr: number;
  readonly length: number;
}

export interface Suite {
  /** One sentence for the list. */
  readonly what: string;
  rows(size: Size): Row[];
}

/**
 * A row's answer may differ from float64 by this part of the largest value. A wrong index or a missing term is off by far more;
 * how accurate kernels are is the business of the tests.
 */
export const AGREEMENT = 1e-4;
