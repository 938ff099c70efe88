// Other shapes for the same values.
import { show, sizeOf, type Shape } from "../tensor/shape";
import { passGradient, record } from "../tensor/tape";
import { Tensor } from "../tensor/tensor";

/** The same values, in the same row-major order, under another shape of the same size. Shares memory with x. */
export function reshape(x: Tensor, shape: Shape): Tensor {
  if (sizeOf(shape) !== x.size) throw new Error(`reshape: sizes must be equal, got ${show(x.shape)} and ${show(shape)}`);
  return record("reshape", Tensor.view(x, shape), [x], (dy) => passGradient(x, dy));
}
