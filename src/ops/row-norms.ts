// Other ways than softmax from logits to weights, over the last axis, and the exponential that some are made of.
import { kernels } from "../runtime/instance";
import { columns, rows } from "../tensor/shape";
import { gradOf, record } from "../tensor/tape";
import { empty, type Tensor } from "../tensor/tensor";

/** e^x, infinite above 88.7. */
export function exp(x: Tensor): Tensor {
  const y = empty(x.shape, "exp");
  kernels().vexp(y.ptr, x.ptr, x.size);
  return record("exp", y, [x], (dy) => kernels().smuladd(gradOf(x).ptr, dy.ptr, y.ptr, y.size));
}

/**
 * e^x / sqrt(sum of e^2x): rows of length 1 instead of sum 1 (Su 2022, kexue.fm/archives/9105). -infinity masks an element out, and
 * a row of nothing else gives zeros.
 */
export function expL2(x: Tensor): Tensor {
  const y = empty(x.shape, "expL2");
  kernels().sexp_l2(y.ptr, x.ptr, rows(x), columns(x));
  return record("expL2", y, [x], (dy) =>
    kernels().sexp_l2_grad(gradOf(x).ptr, dy.ptr, y.ptr, rows(x), columns(x)),
  );
}

/** x / (sum of x + epsilon), for x of at least 0: a row of zeros stays one, its gradient is finite. */
export function share(x: Tensor, epsilon = 1e-6): Tensor {
  const y = empty(x.shape, "share");
  const totals = empty([rows(x)], "totals");
  kernels().sshare(y.ptr, totals.ptr, x.ptr, rows(x), columns(x), epsilon);
  return record("share", y, [x], (dy) =>
    kernels().sshare_grad(gradOf(x).ptr, dy.ptr, y.ptr, totals.ptr, rows(x), columns(x)),
  );
}
