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

/** Rows `first` to `first + rows - 1` and the first `columns` columns of every matrix of x [..., R, C], copied. */
export function submatrix(
  x: Tensor,
  { first = 0, rows, columns: count }: { first?: number; rows: number; columns: number },
): Tensor {
  const [R, C] = [x.shape.at(-2) ?? 0, x.shape.at(-1) ?? 0];
  if (!(x.shape.length >= 2 && first >= 0 && rows >= 0 && first + rows <= R && count >= 0 && count <= C)) {
    throw new Error(
      `submatrix: rows ${first}..${first + rows - 1} and ${count} columns are asked of ${x.name} ${show(x.shape)}`,
    );
  }
  const lead = x.shape.slice(0, -2);
  const y = empty([...lead, rows, count], "submatrix");
  const each = function* () {
    for (let i = 0; i < sizeOf(lead); i++)
      for (let r = 0; r < rows; r++)
        yield [4 * (i * rows + r) * count, 4 * ((i * R + first + r) * C)] as const;
  };
  for (const [to, from] of each()) kernels().scopy(y.ptr + to, x.ptr + from, count);
  return record("submatrix", y, [x], (dy) => {
    const dx = gradOf(x).ptr;
    for (const [from, to] of each()) kernels().saxpy(dx + to, dy.ptr + from, 1, count);
  });
}

/** x [1, ...] `times` times over: [times, ...], copied. */
export function repeat(x: Tensor, times: number): Tensor {
  if (x.shape[0] !== 1) throw new Error(`repeat: the first axis must be 1, got ${show(x.shape)}`);
  const y = empty([times, ...x.shape.slice(1)], "repeat");
  for (let i = 0; i < times; i++) kernels().scopy(y.ptr + 4 * i * x.size, x.ptr, x.size);
  return record("repeat", y, [x], (dy) => kernels().scolumn_sum(gradOf(x).ptr, dy.ptr, times, x.size));
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
