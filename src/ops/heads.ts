// Single heads of all: one of their patterns, and what each adds to the output.
import { kernels } from "../runtime/instance";
import { expectShape, show, sizeOf } from "../tensor/shape";
import { gradOf, record } from "../tensor/tape";
import { empty, type Tensor } from "../tensor/tensor";
import { flip, gemm, type Operand } from "./gemm";

/** Head `head` of x [B, H, ...], copied: [B, ...]. */
export function headOf(x: Tensor, head: number): Tensor {
  const { B, step, from } = headsIn("headOf", x, head);
  const y = empty([B, ...x.shape.slice(2)], "headOf");
  for (let b = 0; b < B; b++) kernels().scopy(y.ptr + 4 * b * step, x.ptr + from(b), step);
  return record("headOf", y, [x], (dy) => {
    const dx = gradOf(x).ptr;
    for (let b = 0; b < B; b++) kernels().saxpy(dx + from(b), dy.ptr + 4 * b * step, 1, step);
  });
}

/** x [B, H, ...] with y [B, ...] in place of head `head`, copied. */
export function withHead(x: Tensor, head: number, y: Tensor): Tensor {
  const { B, step, from } = headsIn("withHead", x, head);
  expectShape("withHead", "y", y, [B, ...x.shape.slice(2)]);
  const z = empty(x.shape, "withHead");
  kernels().scopy(z.ptr, x.ptr, x.size);
  for (let b = 0; b < B; b++) kernels().scopy(z.ptr + from(b), y.ptr + 4 * b * step, step);
  return record("withHead", z, [x, y], (dz) => {
    if (y.needsGrad) {
      const dy = gradOf(y).ptr;
      for (let b = 0; b < B; b++) kernels().saxpy(dy + 4 * b * step, dz.ptr + from(b), 1, step);
    }
    if (!x.needsGrad) return;
    const dx = gradOf(x).ptr;
    const [before, after] = [4 * head * step, (x.shape[1]! - head - 1) * step];
    for (let b = 0; b < B; b++) {
      const at = from(b);
      kernels().saxpy(dx + at - before, dz.ptr + at - before, 1, head * step);
      kernels().saxpy(dx + at + 4 * step, dz.ptr + at + 4 * step, 1, after);
    }
  });
}

/** What each head adds to the output: mixed [B, T, H, D] by its rows of the weight [H D, C] gives [B, T, H, C]. */
export function headOutputs(mixed: Tensor, weight: Tensor): Tensor {
  const { B, T, H, D } = expectShape("headOutputs", "mixed", mixed, ["B", "T", "H", "D"]);
  const { C } = expectShape("headOutputs", "weight", weight, [H * D, "C"]);
  const heads = (x: Tensor, width: number): Operand => ({
    ptr: x.ptr,
    row: H * width,
    column: 1,
    batch: width,
  });
  const rowsOf = (w: Tensor): Operand => ({ ptr: w.ptr, row: C, column: 1, batch: D * C });
  const y = empty([B, T, H, C], "headOutputs");
  gemm(heads(y, C), heads(mixed, D), rowsOf(weight), { batch: H, m: B * T, n: C, k: D, beta: 0 });
  return record("headOutputs", y, [mixed, weight], (dy) => {
    const dY = heads(dy, C);
    if (mixed.needsGrad)
      gemm(heads(gradOf(mixed), D), dY, flip(rowsOf(weight)), { batch: H, m: B * T, n: D, k: C, beta: 1 });
    if (weight.needsGrad)
      gemm(rowsOf(gradOf(weight)), flip(heads(mixed, D)), dY, { batch: H, m: D, n: C, k: B * T, beta: 1 });
  });
}

function headsIn(place: string, x: Tensor, head: number) {
  const [B, H] = x.shape;
  if (B === undefined || H === undefined || !(Number.isInteger(head) && head >= 0 && head < H))
    throw new Error(`${place}: x must be [B, H, ...] with a head ${head}, got ${show(x.shape)}`);
  const step = sizeOf(x.shape.slice(2));
  return { B, step, from: (b: number) => 4 * (b * H + head) * step };
}
