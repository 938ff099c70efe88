// The strided product as ops use it: operands say where they are and how they lie, so that a transpose costs nothing.
import { kernels, tileShape } from "../runtime/instance";
import { withWorkspace } from "../runtime/workspace";

/** A batch of matrices in linear memory. */
export interface Operand {
  /** Byte address of the first element. */
  readonly ptr: number;
  /** Elements from one row, column and matrix to the next. */
  readonly row: number;
  readonly column: number;
  readonly batch: number;
}

export interface Product {
  readonly batch: number;
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly alpha?: number;
  /** 0 overwrites, 1 adds to what is there. */
  readonly beta: 0 | 1;
}

/** Contiguous row-major matrices, the memory of `x` read now: a tensor that was freed says so. */
export function rowMajor(x: { readonly ptr: number }, rows: number, columns: number): Operand {
  return { ptr: x.ptr, row: columns, column: 1, batch: rows * columns };
}

/** The same matrices, transposed. */
export function flip(x: Operand): Operand {
  return { ...x, row: x.column, column: x.row };
}

/** Matrix `index` of the batch, as a batch of its own. */
export function matrix(x: Operand, index: number): Operand {
  return { ...x, ptr: x.ptr + 4 * index * x.batch };
}

/** C = alpha A B + beta C for every matrix of a batch: A is m x k, B is k x n. C's columns are adjacent. */
export function gemm(c: Operand, a: Operand, b: Operand, { batch, m, n, k, alpha = 1, beta }: Product): void {
  const K = kernels();
  withWorkspace(K.sgemm_workspace_bytes(m, n, k), (work) => {
    // biome-ignore format: arguments grouped by meaning
    K.sgemm_batched(
      c.ptr, a.ptr, b.ptr, work, batch, m, n, k, c.batch, a.batch, b.batch,
      c.row, a.row, a.column, b.row, b.column, alpha, beta, tileShape(),
    );
  });
}
