// Matrix products over the strided kernel: transposes are strides, never copies.
import { kernels } from "../runtime/instance";
import { withWorkspace } from "../runtime/workspace";
import { type Shape, sameShape, show, sizeOf } from "../tensor/shape";
import { gradOf, gradSlot, record } from "../tensor/tape";
import { empty, type Tensor } from "../tensor/tensor";

export interface MatmulOptions {
  /** Use the transpose of the last two axes of `a`. */
  readonly transposeA?: boolean;
  /** Use the transpose of the last two axes of `b`. */
  readonly transposeB?: boolean;
}

/** One strided operand: address, distance of rows, columns and matrices in elements. */
interface Operand {
  readonly ptr: number;
  readonly row: number;
  readonly column: number;
  readonly batch: number;
}

/**
 * Matrix product over the last two axes: [..., M, K] by [..., K, N] gives [..., M, N]. A `b` of two axes serves every matrix of `a`.
 *
 * @throws Error when the inner dims or the leading dims do not match
 */
export function matmul(a: Tensor, b: Tensor, { transposeA = false, transposeB = false }: MatmulOptions = {}): Tensor {
  const { lead, m: rows, tall: m, n, k, batch, sharedB } = plan(a, b, transposeA, transposeB);
  const y = empty([...lead, rows, n], "matmul");
  // Read again for the gradient: a tensor that was freed in between must say so.
  const operands = () => ({
    A: operand(a.ptr, a.shape, transposeA),
    B: { ...operand(b.ptr, b.shape, transposeB), ...(sharedB && { batch: 0 }) },
  });
  const { A, B } = operands();
  product(y.ptr, n, m * n, A, B, batch, m, n, k, 0);
  return record("matmul", y, [a, b], (dy) => {
    const { A, B } = operands();
    const dY: Operand = { ptr: dy.ptr, row: n, column: 1, batch: m * n };
    if (a.needsGrad) {
      const { gradient, beta } = gradSlot(a);
      // dA = dY Bᵀ, and for a transposed a the transpose of that: dAᵀ = B dYᵀ
      if (transposeA) product(gradient.ptr, m, m * k, B, flip(dY), batch, k, m, n, beta);
      else product(gradient.ptr, k, m * k, dY, flip(B), batch, m, k, n, beta);
    }
    if (b.needsGrad) {
      // Without matrices nothing would be written.
      const { gradient, beta } = batch === 0 ? { gradient: gradOf(b), beta: 1 as const } : gradSlot(b);
      const step = sharedB ? 0 : k * n;
      for (let i = 0; i < batch; i++) {
        // dB = Aᵀ dY, and for a transposed b: dBᵀ = dYᵀ A; a shared b collects from every matrix in order
        const ptr = gradient.ptr + 4 * i * step;
        const keep = sharedB && i > 0 ? 1 : beta;
        const [Ai, dYi] = [at(A, i), at(dY, i)];
        if (transposeB) product(ptr, k, 0, flip(dYi), Ai, 1, n, k, m, keep);
        else product(ptr, n, 0, flip(Ai), dYi, 1, k, n, m, keep);
      }
    }
  });
}

/** x W + b over the last axis: x [..., K], weight [K, N], bias [N]. */
export function linear(x: Tensor, weight: Tensor, bias?: Tensor): Tensor {
  const [k = 0, n = 0] = weight.shape;
  if (weight.shape.length !== 2 || x.shape.at(-1) !== k) {
    throw new Error(`linear: inner dims must match, got x ${show(x.shape)} and weight ${show(weight.shape)}`);
  }
  if (bias && !sameShape(bias.shape, [n])) throw new Error(`linear: bias must be [${n}], got ${show(bias.shape)}`);
  const lead = x.shape.slice(0, -1);
  const m = sizeOf(lead);
  const y = empty([...lead, n], "linear");
  // Functions: a tensor that was freed before its gradient is made must say so.
  const X = (): Operand => ({ ptr: x.ptr, row: k, column: 1, batch: 0 });
  const W = (): Operand => ({ ptr: weight.ptr, row: n, column: 1, batch: 0 });
  product(y.ptr, n, 0, X(), W(), 1, m, n, k, 0);
  if (bias) kernels().sadd_bias(y.ptr, y.ptr, bias.ptr, m, n);
  return record("linear", y, bias ? [x, weight, bias] : [x, weight], (dy) => {
    const dY: Operand = { ptr: dy.ptr, row: n, column: 1, batch: 0 };
    if (weight.needsGrad) {
      const { gradient, beta } = gradSlot(weight);
      product(gradient.ptr, n, 0, flip(X()), dY, 1, k, n, m, beta);
    }
    if (bias?.needsGrad) kernels().scolumn_sum(gradOf(bias).ptr, dy.ptr, m, n);
    if (x.needsGrad) {
      const { gradient, beta } = gradSlot(x);
      product(gradient.ptr, k, 0, dY, flip(W()), 1, m, k, n, beta);
    }
  });
}

function plan(a: Tensor, b: Tensor, transposeA: boolean, transposeB: boolean) {
  const place = () => `a ${show(a.shape)}${transposeA ? "ᵀ" : ""} and b ${show(b.shape)}${transposeB ? "ᵀ" : ""}`;
  if (a.shape.length < 2 || b.shape.length < 2) throw new Error(`matmul: two axes at least are needed, got ${place()}`);
  const [m, k] = lastTwo(a.shape, transposeA);
  const [kb, n] = lastTwo(b.shape, transposeB);
  if (k !== kb) throw new Error(`matmul: inner dims must match, got ${place()}`);
  const lead = a.shape.slice(0, -2);
  const sharedB = b.shape.length === 2;
  // One shared right-hand side: all the matrices of a are one tall one.
  if (sharedB && !transposeA) return { lead, m, n, k, batch: 1, tall: sizeOf(lead) * m, sharedB };
  if (!sharedB && !sameShape(lead, b.shape.slice(0, -2))) throw new Error(`matmul: leading dims must match, got ${place()}`);
  return { lead, m, n, k, batch: sizeOf(lead), tall: m, sharedB };
}

function lastTwo(shape: Shape, transposed: boolean): [number, number] {
  const [r, c] = [shape.at(-2)!, shape.at(-1)!]; // callers checked that there are two
  return transposed ? [c, r] : [r, c];
}

function operand(ptr: number, shape: Shape, transposed: boolean): Operand {
  const [r, c] = lastTwo(shape, false);
  const plain = { ptr, row: c, column: 1, batch: r * c };
  return transposed ? flip(plain) : plain;
}

function flip(x: Operand): Operand {
  return { ...x, row: x.column, column: x.row };
}

function at(x: Operand, index: number): Operand {
  return { ...x, ptr: x.ptr + 4 * index * x.batch };
}

function product(
  c: number,
  rowStride: number,
  batchStride: number,
  a: Operand,
  b: Operand,
  batch: number,
  m: number,
  n: number,
  k: number,
  beta: 0 | 1,
): void {
  const K = kernels();
  withWorkspace(K.sgemm_workspace_bytes(m, n, k), (work) => {
    K.sgemm_batched(
      c, a.ptr, b.ptr, work, batch, m, n, k, batchStride, a.batch, b.batch, rowStride, a.row, a.column, b.row, b.column, 1, beta,
    );
  });
}
