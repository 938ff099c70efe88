// What softmax takes from log n, the entropy of equal weights, where keys lie evenly on a sphere: by quadrature, and by Laplace's method.
//
//     logits lambda s, s = d cos(theta), theta of density sin(theta)^(d - 2)
//     H - log n  ->  log E[e^(lambda s)] - lambda E[s e^(lambda s)] / E[e^(lambda s)]         for many keys (Su 2021, kexue.fm/archives/8823)
import { exp } from "../math/exp";
import { log } from "../math/log";
import { cos, sin } from "../math/trig";

/** Of the midpoint rule over theta, whose error falls faster than any power of their number. */
const NODES = 2000;

/** H - log n in nats, d dimensions, factor lambda. */
export function sphereEntropy(d: number, lambda: number): number {
  const angles = Array.from({ length: NODES }, (_, j) => ((j + 0.5) * Math.PI) / NODES);
  const density = angles.map((angle) => (d - 2) * log(sin(angle)));
  const scores = angles.map((angle) => d * cos(angle));
  const logits = scores.map((s, j) => lambda * s + density[j]!);
  const highest = Math.max(...logits);
  let [sum, weighted, mass] = [0, 0, 0];
  for (let j = 0; j < NODES; j++) {
    const weight = exp(logits[j]! - highest);
    sum += weight;
    weighted += weight * scores[j]!;
    mass += exp(density[j]!);
  }
  return highest + log(sum / mass) - (lambda * weighted) / sum;
}

/** The same for large d: (d / 2) ln(1 - c^2), c where lambda cos + ln sin peaks. */
export function sphereEntropyLaplace(d: number, lambda: number): number {
  const c = (Math.sqrt(1 + 4 * lambda * lambda) - 1) / (2 * lambda);
  return (d / 2) * log(1 - c * c);
}
