// The battery that every kernel goes through: its buffers lie in wasm memory, 64-byte aligned and 4 bytes off, between guards of
// NaN that are checked afterwards; outputs start as NaN; results are compared with a float64 reference.
import { floatsAt, heap, integersAt, kernels } from "../../src/runtime/instance";
import type { Kernels } from "../../src/runtime/kernels";

/** Floats per vector. */
const L = 4;

/** Lengths that take every loop of a kernel no time, once, twice, and its remainder in all sizes that matter. */
export const SIZES: readonly number[] = [0, 1, L - 1, L, L + 1, 2 * L, 2 * L + 3];

/** SIZES and lengths that run through loops unrolled by four vectors more than once. */
export const UNROLLED_SIZES: readonly number[] = [...SIZES, 4 * L, 8 * L + 7, 67];

/** Row counts with every row length of UNROLLED_SIZES, and more rows than a block of eight. */
export const MATRIX_SIZES: readonly (readonly [rows: number, cols: number])[] = [
  ...UNROLLED_SIZES.map((cols, i) => [(i % 3) + 1, cols] as const),
  [0, 5],
  [19, 2 * L + 3],
];

/** Byte offsets from 64-byte alignment. */
const OFFSETS = [0, 4];
/** A quiet NaN with a payload: poisons any sum it gets into and is recognised bit by bit afterwards. */
const GUARD = 0x7fc0cafe;
/** Guard words on either side of a buffer. */
const GUARD_WORDS = 16;

export interface Tolerance {
  readonly relative: number;
  readonly absolute: number;
}

type Role = "input" | "output" | "inout" | "workspace" | "absent";

/** What a kernel is given for one pointer. */
export interface Buffer {
  readonly role: Role;
  readonly words: Int32Array;
}

/** Read only: the battery checks that the kernel left it alone. */
export function input(values: ArrayLike<number>): Buffer {
  return { role: "input", words: floatBits(values) };
}

/** Read-only i32 values: ids, targets. */
export function ids(values: ArrayLike<number>): Buffer {
  return { role: "input", words: Int32Array.from(values) };
}

/** Written without being read; NaN before the run. */
export function output(length: number): Buffer {
  return { role: "output", words: new Int32Array(length).fill(GUARD) };
}

/** Read and written: accumulated gradients, in-place operation. */
export function inout(values: ArrayLike<number>): Buffer {
  return { role: "inout", words: floatBits(values) };
}

/** Scratch: NaN before the run, anything after it. */
export function workspace(bytes: number): Buffer {
  return { role: "workspace", words: new Int32Array(Math.ceil(bytes / 4)).fill(GUARD) };
}

/** A null pointer. */
export function absent(): Buffer {
  return { role: "absent", words: new Int32Array(0) };
}

export interface KernelCase<Name extends string> {
  readonly buffers: Readonly<Record<Name, Buffer>>;
  readonly run: (kernels: Kernels, at: Readonly<Record<Name, number>>) => void;
  /** One entry for every output and inout buffer. */
  readonly expected: Readonly<Partial<Record<Name, ArrayLike<number>>>>;
  readonly tolerance: Tolerance;
}

/** Runs the case at every alignment; throws at the first value out of tolerance, touched guard or changed input. */
export function checkKernel<Name extends string>(test: KernelCase<Name>): void {
  for (const offset of OFFSETS) {
    const results = runKernel(test.buffers, test.run, offset);
    // The keys of a Record<Name, ...> are Names.
    for (const name of Object.keys(test.buffers) as Name[]) {
      const { role } = test.buffers[name];
      if (role !== "output" && role !== "inout") continue;
      const expected = test.expected[name];
      if (!expected)
        throw new Error(`battery: buffer ${name} is written, so the case must say what is expected in it`);
      expectClose(results[name], expected, test.tolerance, `${name} (offset ${offset})`);
    }
  }
}

/** Runs a kernel on the buffers and returns what they hold afterwards, having checked guards and inputs. */
export function runKernel<Name extends string>(
  buffers: Readonly<Record<Name, Buffer>>,
  run: KernelCase<Name>["run"],
  offset = 0,
): Record<Name, Float32Array> {
  // The keys of a Record<Name, ...> are Names.
  const names = Object.keys(buffers) as Name[];
  const placed = names.map((name) => place(name, buffers[name], offset));
  try {
    // One entry per name, by construction.
    run(kernels(), Object.fromEntries(placed.map(({ name, ptr }) => [name, ptr])) as Record<Name, number>);
    for (const buffer of placed) checkUntouched(buffer);
    const results = placed.map(({ name, ptr, words }) => [name, floatsAt(ptr, words.length).slice()]);
    return Object.fromEntries(results) as Record<Name, Float32Array>;
  } finally {
    for (const { block } of placed) heap().free(block);
  }
}

interface Placed extends Buffer {
  readonly name: string;
  readonly block: ReturnType<ReturnType<typeof heap>["alloc"]>;
  readonly ptr: number;
}

function place(name: string, { role, words }: Buffer, offset: number): Placed {
  const total = words.length + 2 * GUARD_WORDS + offset / 4;
  const block = heap().alloc(4 * total);
  const start = GUARD_WORDS + offset / 4;
  const memory = integersAt(block.ptr, total).fill(GUARD);
  memory.set(words, start);
  return { name, role, words, block, ptr: role === "absent" ? 0 : block.ptr + 4 * start };
}

function checkUntouched({ name, role, words, block, ptr }: Placed): void {
  if (role === "absent") return;
  const start = (ptr - block.ptr) / 4;
  const memory = integersAt(block.ptr, start + words.length + GUARD_WORDS);
  for (let i = 0; i < memory.length; i++) {
    const inside = i >= start && i < start + words.length;
    if (inside && role !== "input") continue;
    const wanted = inside ? words[i - start]! : GUARD;
    if (memory[i] === wanted) continue;
    const what = inside ? "changed its input" : "wrote outside its buffer";
    throw new Error(
      `the kernel ${what} ${name}[${i - start}] of ${words.length}: now ${floatsAt(block.ptr + 4 * i, 1)[0]}`,
    );
  }
}

/** Every |actual - reference| <= absolute + relative |reference|; equal infinities and NaN with NaN agree. */
export function expectClose(
  actual: ArrayLike<number>,
  reference: ArrayLike<number>,
  { relative, absolute }: Tolerance,
  label = "value",
): void {
  if (actual.length !== reference.length) {
    throw new Error(`${label}: wanted ${reference.length} values, got ${actual.length}`);
  }
  const wrong: number[] = [];
  for (let i = 0; i < actual.length; i++) {
    const got = actual[i]!;
    const wanted = reference[i]!;
    const allowed = absolute + relative * Math.abs(wanted);
    if (!(Object.is(got, wanted) || got === wanted || Math.abs(got - wanted) <= allowed)) wrong.push(i);
  }
  if (wrong.length === 0) return;
  const lines = wrong.slice(0, 5).map((i) => {
    const error = Math.abs(actual[i]! - reference[i]!);
    const allowed = absolute + relative * Math.abs(reference[i]!);
    return `  [${i}] got ${actual[i]}, wanted ${reference[i]}, off by ${error.toPrecision(3)}, allowed ${allowed.toPrecision(3)}`;
  });
  throw new Error(`${label}: ${wrong.length} of ${actual.length} values are off\n${lines.join("\n")}`);
}

/** Reproducible float32 test data, uniform in [low, high). */
export function noise(length: number, seed: number, low = -2, high = 2): Float32Array {
  let state = seed * 0x9e3779b9 + 1;
  return Float32Array.from({ length }, () => {
    state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x6d2b79f5;
    const mixed = Math.imul(state ^ (state >>> 12), 0x297a2d39);
    return low + ((high - low) * ((mixed ^ (mixed >>> 15)) >>> 0)) / 2 ** 32;
  });
}

/** Element by element sum, for what an accumulating kernel should leave. */
export function plus(a: ArrayLike<number>, b: ArrayLike<number>): Float64Array {
  return Float64Array.from(a, (value, i) => value + b[i]!);
}

function floatBits(values: ArrayLike<number>): Int32Array {
  return new Int32Array(Float32Array.from(values).buffer);
}
