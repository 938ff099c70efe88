// Smeared keys: each is mixed with the one before, by a learned share per head (Olsson et al. 2022, arXiv:2209.11895).
import { exp } from "../math/exp";
import { kernels } from "../runtime/instance";
import { expectShape } from "../tensor/shape";
import { gradOf, record } from "../tensor/tape";
import { empty, floats, type Tensor, tensor } from "../tensor/tensor";

/**
 * sigmoid(alpha) k_t + (1 - sigmoid(alpha)) k_(t-1); the first stays as it is.
 *
 * @param x [B, R, G, D], of which the first `sources` rows hold anything
 * @param alpha [G]
 * @returns [B, R, G, D], in which these rows do
 */
export function smear(x: Tensor, alpha: Tensor, sources?: number): Tensor {
  const { B, R, G, D } = expectShape("smear", "x", x, ["B", "R", "G", "D"]);
  expectShape("smear", "alpha", alpha, [G]);
  const S = sources ?? R;
  if (!(S >= 0 && S <= R)) throw new Error(`smear: sources must be 0..${R}, got ${S}`);
  const gates = tensor(
    floats(alpha).map((value) => 1 / (1 + exp(-value))),
    [G],
    "gates",
  );
  const y = empty(x.shape, "smear");
  const step = 4 * R * G * D;
  for (let b = 0; b < B; b++) kernels().ssmear(y.ptr + b * step, x.ptr + b * step, gates.ptr, S, G, D);
  return record("smear", y, [x, alpha], (dy) => {
    const dx = x.needsGrad ? gradOf(x).ptr : undefined;
    const dGates = tensor(new Float32Array(G), [G], "gradient of gates");
    for (let b = 0; b < B; b++) {
      const slot = dx === undefined ? 0 : dx + b * step;
      kernels().ssmear_grad(slot, dGates.ptr, dy.ptr + b * step, x.ptr + b * step, gates.ptr, S, G, D);
    }
    if (!alpha.needsGrad) return;
    const [slopes, shares, total] = [floats(dGates), floats(gates), floats(gradOf(alpha))];
    for (let g = 0; g < G; g++) total[g]! += slopes[g]! * shares[g]! * (1 - shares[g]!);
  });
}
