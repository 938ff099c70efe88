// Elementwise arithmetic. Shapes must be equal; what broadcasts says so in its name.
import { kernels } from "../runtime/instance";
import { expectSameShape, sameShape, show, sizeOf } from "../tensor/shape";
import { gradOf, gradSlot, passGradient, record } from "../tensor/tape";
import { empty, type Tensor } from "../tensor/tensor";

/** a + b. */
export function add(a: Tensor, b: Tensor): Tensor {
  expectSameShape("add", a, b);
  const y = empty(a.shape, "add");
  kernels().sadd(y.ptr, a.ptr, b.ptr, y.size);
  return record("add", y, [a, b], (dy) => {
    if (b.needsGrad) accumulate(b, dy, 1);
    if (a.needsGrad) passGradient(a, dy);
  });
}

/** a - b. */
export function subtract(a: Tensor, b: Tensor): Tensor {
  expectSameShape("subtract", a, b);
  const y = empty(a.shape, "subtract");
  kernels().ssub(y.ptr, a.ptr, b.ptr, y.size);
  return record("subtract", y, [a, b], (dy) => {
    if (b.needsGrad) accumulate(b, dy, -1);
    if (a.needsGrad) passGradient(a, dy);
  });
}

/** a * b, element by element. */
export function multiply(a: Tensor, b: Tensor): Tensor {
  expectSameShape("multiply", a, b);
  const y = empty(a.shape, "multiply");
  kernels().smul(y.ptr, a.ptr, b.ptr, y.size);
  return record("multiply", y, [a, b], (dy) => {
    if (a.needsGrad) kernels().smuladd(gradOf(a).ptr, dy.ptr, b.ptr, y.size);
    if (b.needsGrad) kernels().smuladd(gradOf(b).ptr, dy.ptr, a.ptr, y.size);
  });
}

/** factor * x. */
export function scale(x: Tensor, factor: number): Tensor {
  const y = empty(x.shape, "scale");
  kernels().sscale(y.ptr, x.ptr, factor, y.size);
  return record("scale", y, [x], (dy) => accumulate(x, dy, factor));
}

/** x + b, where b's shape equals the last axes of x: a position table on [B, T, C], a mask [T, S] on [B, H, T, S]. */
export function addTrailing(x: Tensor, b: Tensor): Tensor {
  if (!sameShape(x.shape.slice(-b.shape.length), b.shape)) {
    throw new Error(
      `addTrailing: b must have the last axes of x, got x ${show(x.shape)} and b ${show(b.shape)}`,
    );
  }
  const y = empty(x.shape, "addTrailing");
  const width = sizeOf(b.shape);
  const repeats = sizeOf(x.shape.slice(0, x.shape.length - b.shape.length));
  kernels().sadd_bias(y.ptr, x.ptr, b.ptr, repeats, width);
  return record("addTrailing", y, [x, b], (dy) => {
    if (b.needsGrad) kernels().scolumn_sum(gradOf(b).ptr, dy.ptr, repeats, width);
    if (x.needsGrad) passGradient(x, dy);
  });
}

/**
 * The mean of all elements, as a scalar.
 *
 * @throws Error when there are none
 */
export function mean(x: Tensor): Tensor {
  if (x.size === 0) throw new Error(`mean: at least one element is needed, got ${show(x.shape)}`);
  const y = empty([], "mean");
  kernels().sfill(y.ptr, kernels().ssum(x.ptr, x.size) / x.size, 1);
  return record("mean", y, [x], (dy) => {
    const share = empty(x.shape, "mean share");
    kernels().sfill(share.ptr, dy.item() / x.size, x.size);
    accumulate(x, share, 1);
  });
}

/** gradient of x += factor * dy. */
function accumulate(x: Tensor, dy: Tensor, factor: number): void {
  const { gradient, beta } = gradSlot(x);
  if (beta === 0) kernels().sscale(gradient.ptr, dy.ptr, factor, dy.size);
  else kernels().saxpy(gradient.ptr, dy.ptr, factor, dy.size);
}
