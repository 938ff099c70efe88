// What swish makes of a standard normal variable: the constants of gated attention units at their beginning (Su 2022,
// kexue.fm/archives/8990 and 9019).
import { exp } from "../math/exp";
import { silu } from "../ops/activation";
import { scope, tensor } from "../tensor/tensor";

export interface SwishMoments {
  /** E swish(X). */
  readonly mu: number;
  /** E swish(X)^2, and of the fourth power. */
  readonly nu2: number;
  readonly nu4: number;
}

/** Of the trapezoid rule, which is exact here to rounding. */
const STEP = 1 / 32;
const REACH = 10;

/** Of heed's own swish, X from N(0, 1). */
export function swishMoments(): SwishMoments {
  const count = (2 * REACH) / STEP + 1;
  const places = Array.from({ length: count }, (_, i) => i * STEP - REACH);
  const values = Array.from(scope(() => silu(tensor(places)).values()));
  const expected = (power: number) =>
    places.reduce(
      (sum, x, i) => sum + STEP * (exp((-x * x) / 2) / Math.sqrt(2 * Math.PI)) * values[i]! ** power,
      0,
    );
  return { mu: expected(1), nu2: expected(2), nu4: expected(4) };
}
