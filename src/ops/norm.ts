// Layer normalisations over the last axis.
import { kernels } from "../runtime/instance";
import { columns, expectShape, rows } from "../tensor/shape";
import { gradOf, record } from "../tensor/tape";
import { empty, type Tensor } from "../tensor/tensor";

/** (x - mean) / sqrt(variance + epsilon) * gain + bias (Ba et al. 2016, arXiv:1607.06450). gain, bias [C]. */
export function layernorm(x: Tensor, gain: Tensor, bias: Tensor | undefined, epsilon = 1e-5): Tensor {
  expectShape("layernorm", "gain", gain, [columns(x)]);
  if (bias) expectShape("layernorm", "bias", bias, [columns(x)]);
  const y = empty(x.shape, "layernorm");
  const stats = empty([rows(x), 2], "layernorm statistics");
  kernels().slayernorm(y.ptr, stats.ptr, x.ptr, gain.ptr, bias?.ptr ?? 0, rows(x), columns(x), epsilon);
  return record("layernorm", y, bias ? [x, gain, bias] : [x, gain], (dy) =>
    // biome-ignore format: arguments grouped by meaning
    kernels().slayernorm_grad(
      pointer(x), pointer(gain), bias ? pointer(bias) : 0, dy.ptr, x.ptr, gain.ptr, stats.ptr, rows(x), columns(x),
    ),
  );
}

/** x / sqrt(mean(x²) + epsilon) * gain (Zhang & Sennrich 2019, arXiv:1910.07467). gain [C]. */
export function rmsnorm(x: Tensor, gain: Tensor, epsilon = 1e-5): Tensor {
  expectShape("rmsnorm", "gain", gain, [columns(x)]);
  const y = empty(x.shape, "rmsnorm");
  const stats = empty([rows(x)], "rmsnorm statistics");
  kernels().srmsnorm(y.ptr, stats.ptr, x.ptr, gain.ptr, rows(x), columns(x), epsilon);
  return record("rmsnorm", y, [x, gain], (dy) =>
    kernels().srmsnorm_grad(
      pointer(x),
      pointer(gain),
      dy.ptr,
      x.ptr,
      gain.ptr,
      stats.ptr,
      rows(x),
      columns(x),
    ),
  );
}

/** The gradient's address, or 0, which tells a kernel that it is not wanted. */
function pointer(x: Tensor): number {
  return x.needsGrad ? gradOf(x).ptr : 0;
}
