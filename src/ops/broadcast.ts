// What repeats: factors per row, factors over the last axes, tables that are looked up. The parts of scores that many share.
import { kernels } from "../runtime/instance";
import { columns, expectShape, rows, sameShape, show, sizeOf } from "../tensor/shape";
import { gradOf, gradSlot, record } from "../tensor/tape";
import { empty, integers, type Tensor } from "../tensor/tensor";

/** Row r of x [..., N] times factors[r mod P], factors [P]. No gradient flows to the factors. */
export function scaleRows(x: Tensor, factors: Tensor): Tensor {
  const { P } = expectShape("scaleRows", "factors", factors, ["P"]);
  const [count, N] = [rows(x), columns(x)];
  if (P === 0 || count % P !== 0) {
    throw new Error(`scaleRows: the number of factors must divide the number of rows, got ${P} and ${count}`);
  }
  const y = empty(x.shape, "scaleRows");
  kernels().sscale_rows(y.ptr, x.ptr, factors.ptr, count, N, P, 0);
  return record("scaleRows", y, [x], (dy) => {
    const { gradient, beta } = gradSlot(x);
    kernels().sscale_rows(gradient.ptr, dy.ptr, factors.ptr, count, N, P, beta);
  });
}

/** x * b, where b's shape equals the last axes of x: factors [H, T, S] on weights [B, H, T, S]. */
export function multiplyTrailing(x: Tensor, b: Tensor): Tensor {
  if (!sameShape(x.shape.slice(-b.shape.length), b.shape)) {
    throw new Error(
      `multiplyTrailing: b must have the last axes of x, got x ${show(x.shape)} and b ${show(b.shape)}`,
    );
  }
  const y = empty(x.shape, "multiplyTrailing");
  const width = sizeOf(b.shape);
  const repeats = sizeOf(x.shape.slice(0, x.shape.length - b.shape.length));
  const at = (z: Tensor, repeat: number) => z.ptr + 4 * repeat * width;
  for (let i = 0; i < repeats; i++) kernels().smul(at(y, i), at(x, i), b.ptr, width);
  return record("multiplyTrailing", y, [x, b], (dy) => {
    const dx = x.needsGrad ? gradOf(x) : undefined;
    const db = b.needsGrad ? gradOf(b) : undefined;
    for (let i = 0; i < repeats; i++) {
      if (dx) kernels().smuladd(at(dx, i), at(dy, i), b.ptr, width);
      if (db) kernels().smuladd(db.ptr, at(dy, i), at(x, i), width);
    }
  });
}

/** table [H, R] at index [...], whole numbers 0..R-1, gives [H, ...]: a bias per head and distance over all pairs of tokens. */
export function lookup(table: Tensor, index: Tensor): Tensor {
  const { H, R } = expectShape("lookup", "table", table, ["H", "R"]);
  const wrong = integers(index).find((i) => i < 0 || i >= R);
  if (wrong !== undefined) throw new Error(`lookup: the index must be 0..${R - 1}, got ${wrong}`);
  const y = empty([H, ...index.shape], "lookup");
  const count = index.size;
  for (let h = 0; h < H; h++) {
    kernels().sembedding(y.ptr + 4 * h * count, table.ptr + 4 * h * R, index.ptr, count, 1);
  }
  return record("lookup", y, [table], (dy) => {
    const d = gradOf(table).ptr;
    for (let h = 0; h < H; h++) {
      kernels().sembedding_grad(d + 4 * h * R, dy.ptr + 4 * h * count, index.ptr, count, 1);
    }
  });
}
