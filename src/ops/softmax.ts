// Softmax over the last axis.
import { kernels } from "../runtime/instance";
import { columns, rows } from "../tensor/shape";
import { gradOf, record } from "../tensor/tape";
import { empty, type Tensor } from "../tensor/tensor";

/** exp(x) / sum exp(x) over the last axis; -infinity masks an element out, and a row of nothing else gives zeros. */
export function softmax(x: Tensor): Tensor {
  const y = empty(x.shape, "softmax");
  kernels().ssoftmax(y.ptr, x.ptr, rows(x), columns(x));
  return record("softmax", y, [x], (dy) =>
    kernels().ssoftmax_grad(gradOf(x).ptr, dy.ptr, y.ptr, rows(x), columns(x)),
  );
}
