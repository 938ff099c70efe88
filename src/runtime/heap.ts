// The allocator of linear memory: 64-byte aligned blocks in size classes, and the only caller of memory.grow.

const ALIGNMENT = 64;
const PAGE_BYTES = 65536;
const MAXIMUM_BYTES = 65536 * PAGE_BYTES;
/** Classes per doubling above 1 KiB: a block wastes at most one eighth of its size. */
const CLASSES_PER_DOUBLING = 8;

/** A piece of linear memory. `bytes` is its class size, at least what was asked for. */
export interface Block {
  readonly ptr: number;
  readonly bytes: number;
}

export class Heap {
  #live = 0;
  #peak = 0;
  #top: number;
  readonly #memory: WebAssembly.Memory;
  readonly #free = new Map<number, Block[]>();

  /** Hands out the part of `memory` from byte `base` on. */
  constructor(memory: WebAssembly.Memory, base: number) {
    this.#memory = memory;
    this.#top = alignUp(base, ALIGNMENT);
  }

  /** Bytes in blocks that are handed out now. */
  get liveBytes(): number {
    return this.#live;
  }

  /** The most bytes that were handed out at once since `markPeak`. */
  get peakBytes(): number {
    return this.#peak;
  }

  markPeak(): void {
    this.#peak = this.#live;
  }

  /** A block of at least `bytes` bytes with unspecified content. Throws a RangeError when memory cannot grow to hold it. */
  alloc(bytes: number): Block {
    const size = classSize(bytes);
    const block = this.#free.get(size)?.pop() ?? this.#extend(size);
    this.#live += size;
    this.#peak = Math.max(this.#peak, this.#live);
    return block;
  }

  free(block: Block): void {
    const list = this.#free.get(block.bytes);
    if (list) list.push(block);
    else this.#free.set(block.bytes, [block]);
    this.#live -= block.bytes;
  }

  #extend(size: number): Block {
    const end = this.#top + size;
    const current = this.#memory.buffer.byteLength;
    if (end > current) this.#grow(end, current, size);
    const block = { ptr: this.#top, bytes: size };
    this.#top = end;
    return block;
  }

  /** Grows to `end`, generously where possible (an eighth more), exactly where not. */
  #grow(end: number, current: number, size: number): void {
    const generous = Math.min(Math.max(end, current + current / 8), MAXIMUM_BYTES);
    for (const target of end <= MAXIMUM_BYTES ? [generous, end] : []) {
      try {
        this.#memory.grow(Math.ceil((target - current) / PAGE_BYTES));
        return;
      } catch {
        // The next target is smaller; when none is left the error below names the sizes.
      }
    }
    throw new RangeError(
      `heap: memory cannot grow by ${megabytes(size)} MB, ${megabytes(this.#live)} MB are in use (the limit is 4096 MB); use a smaller batch, context or model`,
    );
  }
}

/** What a block of so many bytes takes. */
export function classSize(bytes: number): number {
  if (!(bytes >= 0)) throw new RangeError(`heap: a size must be a number of bytes, got ${bytes}`);
  if (bytes <= 1024) return Math.max(ALIGNMENT, alignUp(bytes, ALIGNMENT));
  const doubling = 1024 * 2 ** (31 - Math.clz32(bytes / 1024));
  return alignUp(bytes, Math.max(ALIGNMENT, doubling / CLASSES_PER_DOUBLING));
}

function alignUp(value: number, step: number): number {
  return Math.ceil(value / step) * step;
}

function megabytes(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(bytes < 2 ** 20 ? 3 : 0);
}
