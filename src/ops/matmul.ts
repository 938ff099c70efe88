// Matrix products over the strided kernel: transposes are strides, never copies.
import { kernels } from "../runtime/instance";
import { type Shape, sameShape, show, sizeOf } from "../tensor/shape";
import { gradOf, gradSlot, record } from "../tensor/tape";
import { empty, type Tensor } from "../tensor/tensor";
import { flip, gemm, matrix, type Operand, rowMajor } from "./gemm";

export interface MatmulOptions {
  /** Use the transpose of the last two axes of `a`. */
  readonly transposeA?: boolean;
  /** Use the transpose of the last two axes of `b`. */
  readonly transposeB?: boolean;
}

/**
 * Matrix product over the last two axes: [..., M, K] by [..., K, N] gives [..., M, N]. A `b` of two axes serves every matrix of `a`.
 *
 * Sizes of zero are sizes like others: an inner dim of 0 gives zeros.
 *
 * @throws Error when the inner dims or the leading dims do not match, and for operands that hold no floats
 */
export function matmul(
  a: Tensor,
  b: Tensor,
  { transposeA = false, transposeB = false }: MatmulOptions = {},
): Tensor {
  const { lead, m: rows, tall: m, n, k, batch, sharedB } = plan(a, b, transposeA, transposeB);
  const y = empty([...lead, rows, n], "matmul");
  const left = () => (transposeA ? flip(rowMajor(a, k, m)) : rowMajor(a, m, k));
  const right = (): Operand => ({
    ...(transposeB ? flip(rowMajor(b, n, k)) : rowMajor(b, k, n)),
    batch: sharedB ? 0 : k * n,
  });
  gemm(rowMajor(y, m, n), left(), right(), { batch, m, n, k, beta: 0 });
  return record("matmul", y, [a, b], (dy) => {
    const [A, B, dY] = [left(), right(), rowMajor(dy, m, n)];
    if (a.needsGrad) {
      const { gradient, beta } = gradSlot(a);
      // dA = dY Bᵀ, and for a transposed a the transpose of that: dAᵀ = B dYᵀ
      if (transposeA) gemm(rowMajor(gradient, k, m), B, flip(dY), { batch, m: k, n: m, k: n, beta });
      else gemm(rowMajor(gradient, m, k), dY, flip(B), { batch, m, n: k, k: n, beta });
    }
    if (b.needsGrad) {
      // Without matrices nothing would be written.
      const { gradient, beta } = batch === 0 ? { gradient: gradOf(b), beta: 1 as const } : gradSlot(b);
      const dB = {
        ...rowMajor(gradient, ...(transposeB ? ([n, k] as const) : ([k, n] as const))),
        batch: B.batch,
      };
      for (let i = 0; i < batch; i++) {
        // dB = Aᵀ dY, and for a transposed b: dBᵀ = dYᵀ A; a shared b collects from every matrix in order
        const [dBi, Ai, dYi] = [matrix(dB, i), matrix(A, i), matrix(dY, i)];
        const keep = sharedB && i > 0 ? 1 : beta;
        if (transposeB) gemm(dBi, flip(dYi), Ai, { batch: 1, m: n, n: k, k: m, beta: keep });
        else gemm(dBi, flip(Ai), dYi, { batch: 1, m: k, n, k: m, beta: keep });
      }
    }
  });
}

/**
 * x W + b over the last axis: x [..., K], weight [K, N], bias [N].
 *
 * @throws Error when the inner dims do not match or the bias is of another size, and for operands that hold no floats
 */
export function linear(x: Tensor, weight: Tensor, bias?: Tensor): Tensor {
  const [k = 0, n = 0] = weight.shape;
  expectFloats("linear", { x, weight, bias });
  if (weight.shape.length !== 2 || x.shape.at(-1) !== k) {
    throw new Error(`linear: inner dims must match, got x ${show(x.shape)} and weight ${show(weight.shape)}`);
  }
  if (bias && !sameShape(bias.shape, [n]))
    throw new Error(`linear: bias must be [${n}], got ${show(bias.shape)}`);
  const lead = x.shape.slice(0, -1);
  const m = sizeOf(lead);
  const y = empty([...lead, n], "linear");
  gemm(rowMajor(y, m, n), rowMajor(x, m, k), rowMajor(weight, k, n), { batch: 1, m, n, k, beta: 0 });
  if (bias) kernels().sadd_bias(y.ptr, y.ptr, bias.ptr, m, n);
  return record("linear", y, bias ? [x, weight, bias] : [x, weight], (dy) => {
    const dY = rowMajor(dy, m, n);
    if (weight.needsGrad) {
      const { gradient, beta } = gradSlot(weight);
      gemm(rowMajor(gradient, k, n), flip(rowMajor(x, m, k)), dY, { batch: 1, m: k, n, k: m, beta });
    }
    if (bias?.needsGrad) kernels().scolumn_sum(gradOf(bias).ptr, dy.ptr, m, n);
    if (x.needsGrad) {
      const { gradient, beta } = gradSlot(x);
      gemm(rowMajor(gradient, m, k), dY, flip(rowMajor(weight, k, n)), { batch: 1, m, n: k, k: n, beta });
    }
  });
}

function plan(a: Tensor, b: Tensor, transposeA: boolean, transposeB: boolean) {
  const place = () =>
    `a ${show(a.shape)}${transposeA ? "ᵀ" : ""} and b ${show(b.shape)}${transposeB ? "ᵀ" : ""}`;
  expectFloats("matmul", { a, b });
  if (a.shape.length < 2 || b.shape.length < 2)
    throw new Error(`matmul: two axes at least are needed, got ${place()}`);
  const [m, k] = lastTwo(a.shape, transposeA);
  const [kb, n] = lastTwo(b.shape, transposeB);
  if (k !== kb) throw new Error(`matmul: inner dims must match, got ${place()}`);
  const lead = a.shape.slice(0, -2);
  const sharedB = b.shape.length === 2;
  // One shared right-hand side: all the matrices of a are one tall one.
  if (sharedB && !transposeA) return { lead, m, n, k, batch: 1, tall: sizeOf(lead) * m, sharedB };
  if (!sharedB && !sameShape(lead, b.shape.slice(0, -2)))
    throw new Error(`matmul: leading dims must match, got ${place()}`);
  return { lead, m, n, k, batch: sizeOf(lead), tall: m, sharedB };
}

/** The bits of integers would be taken for floats. */
function expectFloats(place: string, operands: Readonly<Record<string, Tensor | undefined>>): void {
  for (const name in operands) {
    const x = operands[name];
    if (x && x.dtype !== "f32")
      throw new Error(`${place}: ${name} must hold f32, got ${x.dtype} ${show(x.shape)}`);
  }
}

function lastTwo(shape: Shape, transposed: boolean): [number, number] {
  const [r, c] = [shape.at(-2)!, shape.at(-1)!]; // callers checked that there are two
  return transposed ? [c, r] : [r, c];
}
