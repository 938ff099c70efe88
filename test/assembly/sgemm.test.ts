// Matrix products against the float64 twin: sizes around every block, all layouts, alpha and beta, batches, and equal bits for an
// element of C however it was computed.
import { describe, expect, it } from "vitest";
import { kernels } from "../../src/runtime/instance";
import { matmul, type Strided } from "../reference/matmul";
import { checkKernel, inout, input, noise, output, runKernel, type Tolerance, workspace } from "./battery";

/** Around the register tile of 4 x 8, and the second register tile. */
const SMALL = [0, 1, 3, 4, 5, 7, 8, 9, 11, 16, 19];
/** Around the blocks: 96 rows, 512 columns, 256 deep; every loop twice plus a remainder. */
const LARGE = [
  [95, 9, 5],
  [96, 9, 5],
  [97, 9, 5],
  [192, 9, 5],
  [195, 9, 5],
  [5, 511, 5],
  [5, 512, 5],
  [5, 513, 5],
  [5, 1027, 5],
  [5, 9, 255],
  [5, 9, 256],
  [5, 9, 257],
  [1, 9, 515],
  [2, 1, 515],
  [5, 9, 515],
  [101, 517, 261],
  // Few rows: strips of 8192 columns, and matrices that are read row by row.
  [3, 16390, 5],
  [1, 8200, 70],
  [2, 1030, 515],
] as const;

type Layout = "rows" | "columns" | "every second";

const LAYOUTS: Layout[] = ["rows", "columns", "every second"];

interface Case {
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly layoutA?: Layout;
  readonly layoutB?: Layout;
  readonly alpha?: number;
  readonly beta?: number;
  /** Register tiles of 6 rows. */
  readonly tall?: 0 | 1;
}

describe("sgemm", () => {
  it.each(SMALL)("m = %i with every small n and k", (m) => {
    for (const n of SMALL) {
      for (const k of SMALL) for (const tall of [0, 1] as const) check({ m, n, k, tall });
    }
  });

  it.each(LARGE)("%i x %i, %i deep", (m, n, k) => {
    for (const layoutA of LAYOUTS) for (const layoutB of LAYOUTS) check({ m, n, k, layoutA, layoutB });
  });

  describe.each(LAYOUTS)("A in %s", (layoutA) => {
    it.each(LAYOUTS)("B in %s", (layoutB) => {
      for (const m of [1, 2, 5, 13]) {
        for (const n of [1, 5, 13]) {
          for (const k of [1, 6, 17]) check({ m, n, k, layoutA, layoutB });
        }
      }
    });
  });

  it("scales by alpha and adds beta C, in whole tiles, edges and over blocks of k", () => {
    for (const alpha of [0, 1, -2.5]) {
      for (const beta of [0, 1, -0.75]) {
        for (const [m, n, k] of [
          [1, 9, 7],
          [9, 19, 7],
          [5, 9, 515],
          [4, 1, 3],
          [3, 3, 0],
        ] as const) {
          check({ m, n, k, alpha, beta });
          check({ m, n, k, alpha, beta, tall: 1 });
        }
      }
    }
  });

  it("gives an element of C the same bits in every layout, and alone as in the whole product", () => {
    const [m, n, k] = [37, 45, 301];
    const a = noise(m * k, 1);
    const b = noise(k * n, 2);
    const whole = product({ m, n, k }, a, b);
    for (const layoutA of LAYOUTS) {
      for (const layoutB of LAYOUTS) expect(product({ m, n, k, layoutA, layoutB }, a, b)).toEqual(whole);
    }
    for (const row of [0, 17, 36]) {
      const alone = product({ m: 1, n, k }, a.subarray(row * k, (row + 1) * k), b);
      expect(alone).toEqual(whole.subarray(row * n, (row + 1) * n));
    }
    for (const column of [0, 8, 44]) {
      const values = Float32Array.from({ length: k }, (_, p) => b[p * n + column]!);
      const alone = product({ m, n: 1, k }, a, values);
      expect(alone).toEqual(Float32Array.from({ length: m }, (_, i) => whole[i * n + column]!));
    }
  });

  it("gives tall tiles the bits of flat ones, with every number of rows left over and over blocks of rows", () => {
    for (const layoutA of LAYOUTS) {
      for (const m of [4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 20, 97, 195]) {
        const [n, k] = [19, 23];
        const a = noise(m * k, 1);
        const b = noise(k * n, 2);
        const flat = product({ m, n, k, layoutA }, a, b);
        expect(product({ m, n, k, layoutA, tall: 1 }, a, b)).toEqual(flat);
      }
    }
  });

  it("gives a row alone the bits of the whole product where B is large", () => {
    const [m, n, k] = [5, 1030, 515];
    const a = noise(m * k, 1);
    const b = noise(k * n, 2);
    const whole = product({ m, n, k }, a, b);
    const rows = product({ m: 2, n, k }, a.subarray(0, 2 * k), b);
    expect(rows).toEqual(whole.subarray(0, 2 * n));
  });

  it("writes rows of C that lie apart and nothing between them", () => {
    const [m, n, k, stride] = [9, 11, 6, 15];
    const a = noise(m * k, 3);
    const b = noise(k * n, 4);
    const before = noise(m * stride, 5);
    const expected = Float64Array.from(before);
    const values = matmul({ a: strided(a, m, k, "rows"), b: strided(b, k, n, "rows"), m, n, k });
    for (let i = 0; i < m; i++) expected.set(values.subarray(i * n, (i + 1) * n), i * stride);
    checkKernel({
      buffers: { c: inout(before), a: input(a), b: input(b), work: scratch(m, n, k) },
      run: (K, at) => K.sgemm(at.c, at.a, at.b, at.work, m, n, k, stride, k, 1, n, 1, 1, 0, 0),
      expected: { c: expected },
      tolerance: tolerance(k),
    });
  });
});

describe("sgemm_batched", () => {
  const [batch, m, n, k] = [3, 6, 9, 5];
  it.each([
    ["both operands", m * k, k * n],
    ["one A for all", 0, k * n],
    ["one B for all", m * k, 0],
  ])("%s", (_, aStep, bStep) => {
    const a = noise(batch * m * k, 6);
    const b = noise(batch * k * n, 7);
    const c = noise(batch * m * n, 8);
    const expected = new Float64Array(batch * m * n);
    for (let i = 0; i < batch; i++) {
      const product = matmul({
        a: strided(a.subarray(i * aStep), m, k, "rows"),
        b: strided(b.subarray(i * bStep), k, n, "rows"),
        m,
        n,
        k,
        alpha: 0.5,
        beta: 1,
        c: c.subarray(i * m * n),
      });
      expected.set(product, i * m * n);
    }
    checkKernel({
      buffers: { c: inout(c), a: input(a), b: input(b), work: scratch(m, n, k) },
      run: (K, at) =>
        K.sgemm_batched(
          at.c,
          at.a,
          at.b,
          at.work,
          batch,
          m,
          n,
          k,
          m * n,
          aStep,
          bStep,
          n,
          k,
          1,
          n,
          1,
          0.5,
          1,
          0,
        ),
      expected: { c: expected },
      tolerance: tolerance(k),
    });
  });
});

function check(shape: Case): void {
  const { m, n, k, layoutA = "rows", layoutB = "rows", alpha = 1, beta = 0, tall = 0 } = shape;
  const a = noise(m * k, 1);
  const b = noise(k * n, 2);
  const before = noise(m * n, 3);
  const first = arrange(a, m, k, layoutA);
  const second = arrange(b, k, n, layoutB);
  checkKernel({
    buffers: {
      c: beta === 0 ? output(m * n) : inout(before),
      a: input(first.values),
      b: input(second.values),
      work: scratch(m, n, k),
    },
    run: (K, at) =>
      K.sgemm(at.c, at.a, at.b, at.work, m, n, k, n, ...steps(first), ...steps(second), alpha, beta, tall),
    expected: { c: matmul({ a: first, b: second, m, n, k, alpha, beta, c: before }) },
    tolerance: tolerance(k, alpha),
  });
}

/** C of a product without alpha and beta, with the given row-major A and B in other layouts. */
function product(shape: Case, a: Float32Array, b: Float32Array): Float32Array {
  const { m, n, k, layoutA = "rows", layoutB = "rows", tall = 0 } = shape;
  const first = arrange(a, m, k, layoutA);
  const second = arrange(b, k, n, layoutB);
  const buffers = {
    c: output(m * n),
    a: input(first.values),
    b: input(second.values),
    work: scratch(m, n, k),
  };
  return runKernel(buffers, (K, at) =>
    K.sgemm(at.c, at.a, at.b, at.work, m, n, k, n, ...steps(first), ...steps(second), 1, 0, tall),
  ).c;
}

const measured = new Map<number, number>();

/** Twice the largest error of 1000 plain float32 sums of k products of such data, and the rounding of alpha, beta and C. */
function tolerance(k: number, alpha = 1): Tolerance {
  const error = measured.get(k) ?? naiveError(k);
  measured.set(k, error);
  return { relative: 2 ** -22, absolute: 2 * error * Math.max(1, Math.abs(alpha)) };
}

function naiveError(k: number): number {
  let largest = 0;
  for (let seed = 0; seed < 1000; seed++) {
    const a = noise(k, 2 * seed);
    const b = noise(k, 2 * seed + 1);
    let exact = 0;
    let naive = 0;
    for (let p = 0; p < k; p++) {
      exact += a[p]! * b[p]!;
      naive = Math.fround(naive + Math.fround(a[p]! * b[p]!));
    }
    largest = Math.max(largest, Math.abs(naive - exact));
  }
  return largest;
}

function scratch(m: number, n: number, k: number) {
  return workspace(kernels().sgemm_workspace_bytes(m, n, k));
}

function steps({ rowStride, columnStride }: Strided): [number, number] {
  return [rowStride, columnStride];
}

function strided(values: Float32Array, rows: number, columns: number, layout: Layout): Strided {
  if (layout === "rows") return { values, rowStride: columns, columnStride: 1 };
  if (layout === "columns") return { values, rowStride: 1, columnStride: rows };
  return { values, rowStride: 2 * columns, columnStride: 2 };
}

/** The row-major matrix `values`, copied into a layout; what lies between its elements is NaN. */
function arrange(values: Float32Array, rows: number, columns: number, layout: Layout): Strided {
  const to = strided(
    new Float32Array(layout === "every second" ? 2 * values.length : values.length).fill(Number.NaN),
    rows,
    columns,
    layout,
  );
  const target = to.values as Float32Array; // strided returns the array that it was given
  values.forEach((x, at) => {
    target[Math.floor(at / columns) * to.rowStride + (at % columns) * to.columnStride] = x;
  });
  return to;
}
