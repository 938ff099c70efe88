// Rotary position embedding (Su et al. 2021, arXiv:2104.09864): pairs of channels turned by angles that grow with the position.
import { kernels } from "../runtime/instance";
import { expectShape, show } from "../tensor/shape";
import { gradOf, record } from "../tensor/tape";
import { empty, type Tensor } from "../tensor/tensor";

/** Cosines and sines of the angles, [positions, rotary / 2] each. */
export interface RotaryTables {
  readonly cos: Tensor;
  readonly sin: Tensor;
}

/**
 * Turns channels (j, j + rotary/2) of every head, j < rotary/2, by the angle of the token's position; the others pass through.
 *
 * @param x [B, T, H, D], the first token at position `offset`
 */
export function rope(x: Tensor, { cos, sin }: RotaryTables, offset = 0): Tensor {
  const { B, T, H, D } = expectShape("rope", "x", x, ["B", "T", "H", "D"]);
  const { P, R: half } = expectShape("rope", "cos", cos, ["P", "R"]);
  if (offset + T > P || 2 * half > D) {
    throw new Error(
      `rope: the tables ${show(cos.shape)} must cover positions below ${offset + T} and at most ${D} channels`,
    );
  }
  const y = empty(x.shape, "rope");
  const first = 4 * offset * half;
  kernels().srope(y.ptr, x.ptr, cos.ptr + first, sin.ptr + first, B, T, H, D, 2 * half);
  return record("rope", y, [x], (dy) =>
    kernels().srope_grad(gradOf(x).ptr, dy.ptr, cos.ptr + first, sin.ptr + first, B, T, H, D, 2 * half),
  );
}
