// Softmax over the last axis.
import { kernels } from "../runtime/instance";
import { columns, rows } from "../tensor/shape";
import { gradOf, record } from "../tensor/tape";
import { empty, Tensor } from "../tensor/tensor";

/** exp(x) / sum exp(x) over the last axis; -infinity masks an element out, and a row of nothing else gives zeros. */
export function softmax(x: Tensor): Tensor {
  return softmaxTo(empty(x.shape, "softmax"), x);
}

/**
 * The same bits in the memory of x: half as much goes through the caches. For an x that was just made, that nobody else reads, and that
 * the op which made it does not read again in its backward.
 */
export function softmaxInPlace(x: Tensor): Tensor {
  return softmaxTo(Tensor.view(x, x.shape), x);
}

function softmaxTo(y: Tensor, x: Tensor): Tensor {
  kernels().ssoftmax(y.ptr, x.ptr, rows(x), columns(x));
  return record("softmax", y, [x], (dy) =>
    kernels().ssoftmax_grad(gradOf(x).ptr, dy.ptr, y.ptr, rows(x), columns(x)),
  );
}
