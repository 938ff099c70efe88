// The heap: size classes, alignment, reuse, growth, and what happens when memory ends.
import { describe, expect, test } from "vitest";
import { type Block, Heap } from "../../src/runtime/heap";

const PAGE = 65536;
const BASE = 1000;

function heapOf(options: { initial?: number; maximum?: number } = {}) {
  const memory = new WebAssembly.Memory({ initial: options.initial ?? 1, maximum: options.maximum ?? 65536 });
  return { memory, heap: new Heap(memory, BASE) };
}

const sizes = [0, 1, 63, 64, 65, 1000, 1024, 1025, 4096, 5000, 65535, 65536, 65537, 1_000_000];

describe("blocks", () => {
  test("are 64-byte aligned, behind the base, apart from one another, and inside memory", () => {
    const { memory, heap } = heapOf();
    const blocks = sizes.map((size) => heap.alloc(size));
    blocks.forEach(({ ptr, bytes }, i) => {
      expect(ptr % 64).toBe(0);
      expect(ptr).toBeGreaterThanOrEqual(BASE);
      expect(bytes).toBeGreaterThanOrEqual(Math.max(1, sizes[i]!));
      expect(ptr + bytes).toBeLessThanOrEqual(memory.buffer.byteLength);
    });
    const sorted = blocks.toSorted((a, b) => a.ptr - b.ptr);
    sorted.slice(1).forEach(({ ptr }, i) => {
      expect(ptr).toBeGreaterThanOrEqual(sorted[i]!.ptr + sorted[i]!.bytes);
    });
  });

  test("waste at most an eighth above 1 KiB, and less than 64 bytes below", () => {
    const { heap } = heapOf();
    for (let size = 1; size < 300_000; size = Math.ceil(size * 1.01)) {
      const { bytes } = heap.alloc(size);
      expect(bytes - size).toBeLessThanOrEqual(size <= 1024 ? 63 : size / 8);
    }
  });

  test("of one class are reused, of another not", () => {
    const { memory, heap } = heapOf();
    const first = heap.alloc(5000);
    heap.free(first);
    expect(heap.alloc(4100).ptr).not.toBe(first.ptr);
    expect(heap.alloc(first.bytes).ptr).toBe(first.ptr);
    const { byteLength } = memory.buffer;
    for (let i = 0; i < 1000; i++) heap.free(heap.alloc(40_000));
    expect(memory.buffer.byteLength).toBeLessThanOrEqual(byteLength + 2 * PAGE);
  });

  test("are counted while they are out", () => {
    const { heap } = heapOf();
    const blocks: Block[] = sizes.map((size) => heap.alloc(size));
    expect(heap.liveBytes).toBe(blocks.reduce((sum, { bytes }) => sum + bytes, 0));
    for (const block of blocks) heap.free(block);
    expect(heap.liveBytes).toBe(0);
  });
});

describe("the end of memory", () => {
  test.each([5e9, 2 ** 32, 2 ** 40])("%d bytes are refused with sizes and a way out", (bytes) => {
    const { memory, heap } = heapOf();
    heap.alloc(2 ** 20);
    expect(() => heap.alloc(bytes)).toThrow(RangeError);
    const asked = Math.round(bytes / 2 ** 20);
    expect(() => heap.alloc(bytes)).toThrow(
      /^heap: memory cannot grow by \d+ MB, 1 MB are in use \(the limit is 4096 MB\); use a smaller batch, context or model$/,
    );
    const named = Number(/grow by (\d+)/.exec(message(() => heap.alloc(bytes)))?.[1]);
    expect(named / asked).toBeGreaterThanOrEqual(0.999);
    expect(named / asked).toBeLessThan(1.126);
    // Nothing changed: the heap goes on.
    expect(heap.liveBytes).toBe(2 ** 20);
    expect(memory.buffer.byteLength).toBeLessThan(2 ** 22);
    const { ptr } = heap.alloc(100);
    new Uint8Array(memory.buffer)[ptr] = 7;
    expect(new Uint8Array(memory.buffer)[ptr]).toBe(7);
  });

  test("a memory that may not grow generously grows exactly", () => {
    const { memory, heap } = heapOf({ initial: 8, maximum: 9 });
    const block = heap.alloc(8 * PAGE);
    expect(block.ptr + block.bytes).toBeLessThanOrEqual(9 * PAGE);
    expect(memory.buffer.byteLength).toBe(9 * PAGE);
    expect(() => heap.alloc(PAGE)).toThrow(/^heap: memory cannot grow by 0\.063 MB/);
    heap.free(block);
    expect(heap.alloc(8 * PAGE).ptr).toBe(block.ptr);
  });

  test("the peak is the most that was out at once since its mark", () => {
    const { heap } = heapOf();
    const kept = heap.alloc(1024);
    heap.free(heap.alloc(4096));
    heap.markPeak();
    expect(heap.peakBytes).toBe(1024);
    const [first, second] = [heap.alloc(2048), heap.alloc(64)];
    heap.free(first);
    heap.free(second);
    heap.free(heap.alloc(1024));
    expect(heap.peakBytes).toBe(1024 + 2048 + 64);
    heap.free(kept);
    expect(heap.peakBytes).toBe(1024 + 2048 + 64);
  });

  test.each([Number.NaN, -1])("%d bytes are no size", (bytes) => {
    expect(() => heapOf().heap.alloc(bytes)).toThrow(`heap: a size must be a number of bytes, got ${bytes}`);
  });
});

function message(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return String(error);
  }
  return "";
}
