// What differs between hosts. node.ts and browser.ts are twins of this shape; `#platform` picks one.

export interface Platform {
  readonly name: "node" | "browser";
  /** "node 20.20.2 linux x64" or the browser's user agent. */
  readonly host: string;
  /** Logical processors, at least 1. */
  readonly cores: number;
  /** Whether this realm may share memory with workers. */
  readonly canShareMemory: boolean;
  /** Whether this realm may sleep in `Atomics.wait`: a browser's page may not, its workers may. */
  readonly mayBlock: boolean;
  /** A clock that never goes back. */
  milliseconds(): number;
  /** Switches relaxed SIMD on where the host has it behind a flag; does nothing elsewhere. Only modules compiled later see it. */
  enableRelaxedSimd(): void;
  /** The bytes that base64 text stands for, by the fastest way that the host has. */
  decodeBase64(text: string): Uint8Array<ArrayBuffer>;
  /** Starts a thread on a script that talks through worker-port.ts. It does not keep the process alive. Throws where the host refuses. */
  startThread(script: ThreadScript, listener: ThreadListener): Thread;
}

/** Classic script text, or where such a script is. */
export type ThreadScript = { readonly source: string } | { readonly url: string | URL };

export interface ThreadListener {
  onMessage(message: unknown): void;
  /** The thread has ended, or never began, by itself; the reason is one clause. Called at most once, and not after `end`. */
  onEnd(reason: string): void;
}

export interface Thread {
  post(message: unknown): void;
  /** Ends the thread at once and forgets its listeners. */
  end(): void;
}
