// The calls of kernels that cuts are tried on, with memory for their operands and results.
import type { cuts } from "../../src/runtime/cuts";
import type { Block } from "../../src/runtime/heap";
import { floatsAt, heap, integersAt, kernels } from "../../src/runtime/instance";
import type { Kernels } from "../../src/runtime/kernels";

/** Memory for one case: `input` is random, `result` too before the call, as for what is added to. */
export class Room {
  readonly results: Float32Array[] = [];
  readonly #initial: Float32Array[] = [];
  readonly #places: { ptr: number; length: number }[] = [];
  #seed = 1;
  readonly #blocks: Block[] = [];

  input(length: number): number {
    const ptr = this.work(4 * length);
    kernels().random_normal(ptr, length, this.#seed++, 7, 0, 1);
    return ptr;
  }

  result(length: number): number {
    const ptr = this.input(length);
    this.#places.push({ ptr, length });
    this.#initial.push(floatsAt(ptr, length).slice());
    return ptr;
  }

  integers(values: readonly number[]): number {
    const ptr = this.work(4 * values.length);
    integersAt(ptr, values.length).set(values);
    return ptr;
  }

  /** Makes the last result what a square could be. */
  squareLast(): void {
    const initial = this.#initial.at(-1)!;
    initial.forEach((x, index) => {
      initial[index] = x * x;
    });
  }

  work(bytes: number): number {
    const block = heap().alloc(bytes);
    this.#blocks.push(block);
    return block.ptr;
  }

  release(): void {
    for (const block of this.#blocks) heap().free(block);
  }

  /** The bits of all results after `run`, which finds them as they were at first. */
  after(run: () => void): Int32Array[] {
    this.#places.forEach(({ ptr, length }, index) => {
      floatsAt(ptr, length).set(this.#initial[index]!);
    });
    run();
    return this.#places.map(({ ptr, length }) => new Int32Array(floatsAt(ptr, length).slice().buffer));
  }
}

export type Case = { readonly what: string; readonly args: (room: Room) => number[] };

function product(
  batch: number,
  m: number,
  n: number,
  k: number,
  { beta = 0, flat = false, sharedB = false } = {},
): Case {
  return {
    what: `${batch} x ${m} x ${n} x ${k}${flat ? ", transposed" : ""}${beta ? ", added" : ""}`,
    args: (room) => {
      const [c, a, b] = [room.result(batch * m * n), room.input(batch * m * k), room.input(batch * k * n)];
      const work = room.work(kernels().sgemm_workspace_bytes(m, n, k));
      const lies = flat ? [1, m, 1, k] : [k, 1, n, 1];
      return [c, a, b, work, batch, m, n, k, m * n, m * k, sharedB ? 0 : k * n, n, ...lies, 0.7, beta, 0];
    },
  };
}

interface Heads {
  B: number;
  H: number;
  G: number;
  T: number;
  S: number;
  D: number;
  causal: number;
  /** With a window, a factor per row, a bias, key counts and a key mask. */
  terms?: true;
}

const ALL = 2 ** 31 - 1;
const BIAS_WIDTH = 21;

/** The arguments of attention kernels from `before` on. */
function termArguments({ B, H, T, S, causal, terms }: Heads, room: Room): number[] {
  const after = causal ? 0 : terms ? 70 : ALL;
  if (!terms) return [ALL, after, 0, 0, 0, 0, 0, 0, 0];
  const counts = Array.from({ length: B }, (_, b) => S - 3 * b);
  const mask = Array.from({ length: B * S }, (_, i) => (i % 7 === 3 ? 0 : 1));
  const bias = [room.input(H * BIAS_WIDTH), BIAS_WIDTH, 12];
  return [90, after, room.input(B * T), T, ...bias, room.integers(counts), room.integers(mask)];
}

function attention(sizes: Heads): Case {
  const { B, H, G, T, S, D } = sizes;
  return {
    what: JSON.stringify(sizes),
    args: (room) => {
      const [out, lse] = [room.result(B * T * H * D), room.result(B * H * T)];
      const [q, k, v] = [room.input(B * T * H * D), room.input(B * S * G * D), room.input(B * S * G * D)];
      const work = room.work(kernels().sattention_workspace_bytes(T, S, D));
      const strides = [T * H * D, H * D, D, S * G * D, G * D, D];
      return [out, lse, q, k, v, work, B, H, G, T, S, D, ...strides, 0.3, ...termArguments(sizes, room), 1];
    },
  };
}

function attentionGradient(sizes: Heads): Case {
  const { B, H, G, T, S, D, terms } = sizes;
  const forward = attention(sizes);
  return {
    what: forward.what,
    args: (room) => {
      const [dq, dk, dv] = [
        room.result(B * T * H * D),
        room.result(B * S * G * D),
        room.result(B * S * G * D),
      ];
      const whole = forward.args(room);
      kernels().sattention(...(whole as Parameters<Kernels["sattention"]>));
      const [out, lse, q, k, v, , ...dims] = whole.slice(0, -1);
      const work = room.work(kernels().sattention_grad_workspace_bytes(T, S, D));
      const step = terms ? H * BIAS_WIDTH : 0;
      const dbias = terms ? room.result(B * step) : 0;
      const dout = room.input(B * T * H * D);
      return [dq, dk, dv, dbias, dout, out, lse, q, k, v, work, ...dims, step] as number[];
    },
  };
}

/** Kernels over rows: `what` says for each pointer what it is and how many elements a row of it has, 0 for one row for all. */
function overRows(what: readonly Pointer[], behind: readonly number[] = [], rows = 61, cols = 4003): Case {
  return {
    what: `${rows} x ${cols}`,
    args: (room) => [...what.map((pointer) => pointer(room, rows, cols)), rows, cols, ...behind],
  };
}

/** Kernels over elements. */
function overElements(
  what: readonly Pointer[],
  scalars: readonly number[] = [],
  behind: readonly number[] = [],
): Case {
  const length = 250_003;
  return {
    what: `${length}`,
    args: (room) => [...what.map((pointer) => pointer(room, length, 1)), ...scalars, length, ...behind],
  };
}

type Pointer = (room: Room, rows: number, cols: number) => number;
const read: Pointer = (room, rows, cols) => room.input(rows * cols);
const written: Pointer = (room, rows, cols) => room.result(rows * cols);
const readColumn: Pointer = (room, rows) => room.input(rows);
const writtenColumn: Pointer = (room, rows) => room.result(rows);
const readPairs: Pointer = (room, rows) => room.input(2 * rows);
const writtenPairs: Pointer = (room, rows) => room.result(2 * rows);
const readRow: Pointer = (room, _, cols) => room.input(cols);
const writtenRow: Pointer = (room, _, cols) => room.result(cols);
const targets: Pointer = (room, rows, cols) => {
  const ptr = room.input(rows);
  integersAt(ptr, rows).forEach((_, row, ids) => {
    ids[row] = row % 5 === 4 ? -1 : (row * 7) % cols;
  });
  return ptr;
};
/** Not negative, like a second moment. */
const squares: Pointer = (room, rows) => {
  const ptr = room.result(rows);
  room.squareLast();
  return ptr;
};
const absent: Pointer = () => 0;

const rotary: Case = {
  what: "11 sequences",
  args: (room) => {
    const [B, T, H, D, turned] = [11, 37, 6, 50, 32];
    const tables = [room.input((T * turned) / 2), room.input((T * turned) / 2)];
    return [room.result(B * T * H * D), room.input(B * T * H * D), ...tables, B, T, H, D, turned];
  },
};

const adamw = [1e-3, 0.9, 0.99, 1e-8, 0.1, 0.1, 0.01, 0.5];
const activation = [overElements([written, read])];
const activationGradient = [overElements([written, read, read])];

/** For every kernel that is cut, calls that meet its edges. */
export const cases: { readonly [Name in keyof typeof cuts]: readonly Case[] } = {
  sgemm_batched: [
    product(1, 150, 70, 131),
    product(1, 70, 150, 131, { beta: 1, flat: true }),
    product(1, 2, 3001, 300),
    product(1, 1501, 3, 300, { flat: true }),
    product(3, 61, 67, 100),
    product(11, 50, 37, 41, { beta: 1, sharedB: true }),
  ],
  sattention: [
    attention({ B: 9, H: 3, G: 3, T: 37, S: 37, D: 20, causal: 1 }),
    attention({ B: 1, H: 8, G: 4, T: 67, S: 131, D: 17, causal: 0 }),
    attention({ B: 2, H: 4, G: 1, T: 150, S: 150, D: 16, causal: 1 }),
    attention({ B: 1, H: 1, G: 1, T: 195, S: 230, D: 24, causal: 1 }),
    attention({ B: 1, H: 1, G: 1, T: 257, S: 200, D: 32, causal: 1 }),
    attention({ B: 1, H: 1, G: 1, T: 258, S: 90, D: 32, causal: 0 }),
    attention({ B: 9, H: 2, G: 2, T: 70, S: 75, D: 12, causal: 0, terms: true }),
    attention({ B: 2, H: 8, G: 8, T: 70, S: 75, D: 12, causal: 0, terms: true }),
    attention({ B: 1, H: 2, G: 1, T: 257, S: 270, D: 20, causal: 1, terms: true }),
  ],
  sattention_grad: [
    attentionGradient({ B: 9, H: 4, G: 2, T: 37, S: 37, D: 20, causal: 1 }),
    attentionGradient({ B: 1, H: 8, G: 4, T: 67, S: 131, D: 17, causal: 0 }),
    attentionGradient({ B: 2, H: 3, G: 3, T: 70, S: 90, D: 16, causal: 1 }),
    attentionGradient({ B: 3, H: 6, G: 3, T: 70, S: 75, D: 12, causal: 0, terms: true }),
  ],
  ssoftmax: [overRows([written, read])],
  ssoftmax_grad: [overRows([written, read, read])],
  slayernorm: [overRows([written, writtenPairs, read, readRow, readRow], [1e-5])],
  slayernorm_grad: [
    overRows([written, writtenRow, writtenRow, read, read, readRow, readPairs]),
    overRows([written, absent, absent, read, read, readRow, readPairs]),
  ],
  srmsnorm: [overRows([written, writtenColumn, read, readRow], [1e-5])],
  srmsnorm_grad: [overRows([written, writtenRow, read, read, readRow, readColumn])],
  scrossentropy: [overRows([writtenColumn, writtenColumn, read, targets])],
  scrossentropy_grad: [overRows([written, read, readColumn, targets], [0.3])],
  sadd_bias: [overRows([written, read, readRow])],
  srope: [rotary],
  srope_grad: [rotary],
  srelu: activation,
  srelu_grad: activationGradient,
  ssquare_relu: activation,
  ssquare_relu_grad: activationGradient,
  sgelu: activation,
  sgelu_grad: activationGradient,
  sgelu_tanh: activation,
  sgelu_tanh_grad: activationGradient,
  ssilu: activation,
  ssilu_grad: activationGradient,
  sadd: activationGradient,
  ssub: activationGradient,
  smul: activationGradient,
  smuladd: activationGradient,
  sscale: [overElements([written, read], [0.3])],
  saxpy: [overElements([written, read], [0.3])],
  sadamw: [overElements([written, written, squares, read], [], adamw)],
  ssgd: [
    overElements([written, written, read], [], [0.1, 0.9, 0.01, 0.5]),
    overElements([written, absent, read], [], [0.1, 0, 0.01, 0.5]),
  ],
};
