// Tensors of constants and of random numbers. Randomness is a value: the same Rng gives the same numbers.
import { kernels } from "../runtime/instance";
import type { Rng } from "../tensor/rng";
import type { Shape } from "../tensor/shape";
import { gradOf, record } from "../tensor/tape";
import { empty, type Tensor } from "../tensor/tensor";

export function full(shape: Shape, value: number, name?: string): Tensor {
  const y = empty(shape, name);
  kernels().sfill(y.ptr, value, y.size);
  return y;
}

/** Normally distributed numbers. */
export function normal(
  shape: Shape,
  { mean = 0, deviation = 1, rng }: { mean?: number; deviation?: number; rng: Rng },
): Tensor {
  const y = empty(shape, "normal");
  kernels().random_normal(y.ptr, y.size, ...rng.key(), mean, deviation);
  return y;
}

/** Uniformly distributed numbers in [low, high). */
export function uniform(
  shape: Shape,
  { low = 0, high = 1, rng }: { low?: number; high?: number; rng: Rng },
): Tensor {
  const y = empty(shape, "uniform");
  kernels().random_uniform(y.ptr, y.size, ...rng.key(), low, high);
  return y;
}

/**
 * Zeroes each element with probability `rate` and scales the others by 1 / (1 - rate) (Srivastava et al. 2014). The mask is
 * made again from the key for the gradient, never stored.
 */
export function dropout(x: Tensor, rate: number, rng: Rng): Tensor {
  if (!(rate >= 0 && rate < 1)) throw new Error(`dropout: rate must be in [0, 1), got ${rate}`);
  if (rate === 0) return x;
  const key = rng.key();
  const y = empty(x.shape, "dropout");
  kernels().sdropout(y.ptr, x.ptr, x.size, ...key, rate);
  return record("dropout", y, [x], (dy) =>
    kernels().sdropout_grad(gradOf(x).ptr, dy.ptr, x.size, ...key, rate),
  );
}
