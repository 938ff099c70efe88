// What differs between hosts. node.ts and browser.ts are twins of this shape; `#platform` picks one.

export interface Platform {
  readonly name: "node" | "browser";
  /** "node 20.20.2 linux x64" or the browser's user agent. */
  readonly host: string;
  /** Logical processors, at least 1. */
  readonly cores: number;
  /** Whether this realm may share memory with workers. */
  readonly canShareMemory: boolean;
  /** Switches relaxed SIMD on where the host has it behind a flag; does nothing elsewhere. Only modules compiled later see it. */
  enableRelaxedSimd(): void;
  /** The bytes that base64 text stands for, by the fastest way that the host has. */
  decodeBase64(text: string): Uint8Array<ArrayBuffer>;
}
