// Other shapes for the same values, and parts of them.
import { kernels } from "../runtime/instance";
import { columns, expectShape, type Shape, show, sizeOf } from "../tensor/shape";
import { gradOf, passGradient, record } from "../tensor/tape";
import { empty, Tensor } from "../tensor/tensor";

/** The same values, in the same row-major order, under another shape of the same size. Shares memory with x. */
export function reshape(x: Tensor, shape: Shape): Tensor {
  if (sizeOf(shape) !== x.size)
    throw new Error(`reshape: sizes must be equal, got ${show(x.shape)} and ${show(shape)}`);
  return record("reshape", Tensor.view(x, shape), [x], (dy) => passGradient(x, dy));
}

/** Rows `first` to `first + count - 1` of x [R, C], copied. */
export function rowsFrom(x: Tensor, first: number, count: number): Tensor {
  const { R, C } = expectShape("rowsFrom", "x", x, ["R", "C"]);
  if (!(first >= 0 && count >= 0 && first + count <= R)) {
    throw new Error(`rowsFrom: rows ${first}..${first + count - 1} are asked of ${x.name} ${show(x.shape)}`);
  }
  const y = empty([count, C], "rowsFrom");
  kernels().scopy(y.ptr, x.ptr + 4 * first * C, y.size);
  return record("rowsFrom", y, [x], (dy) =>
    kernels().saxpy(gradOf(x).ptr + 4 * first * C, dy.ptr, 1, dy.size),
  );
}

/** The last token of every sequence: [B, T, C] gives [B, C]. */
export function lastToken(x: Tensor): Tensor {
  const { B, T } = expectShape("lastToken", "x", x, ["B", "T", "C"]);
  const C = columns(x);
  const y = empty([B, C], "lastToken");
  const from = (b: number) => 4 * (b * T + T - 1) * C;
  for (let b = 0; b < B; b++) kernels().scopy(y.ptr + 4 * b * C, x.ptr + from(b), C);
  return record("lastToken", y, [x], (dy) => {
    const dx = gradOf(x).ptr;
    for (let b = 0; b < B; b++) kernels().saxpy(dx + from(b), dy.ptr + 4 * b * C, 1, C);
  });
}
