// Biases per head along learned curves of the distance. Small tables, so the arithmetic is float64 in JavaScript.
import { exp } from "../math/exp";
import { log } from "../math/log";
import { expectShape } from "../tensor/shape";
import { gradOf, record } from "../tensor/tape";
import { empty, floats, type Tensor } from "../tensor/tensor";

/** The value of the curve at |distance|, and its slopes by a and b. */
type Curve = (a: number, b: number, distance: number) => readonly [value: number, byA: number, byB: number];

/** The largest exponent for which the curve still belongs to a kernel. */
const HIGHEST_POWER = 2;

/** gains[h] row[r]: gains [H] and a row of R numbers give [H, R]. */
export function gainRow(gains: Tensor, row: Float64Array): Tensor {
  const { H } = expectShape("gainRow", "gains", gains, ["H"]);
  const R = row.length;
  const y = empty([H, R], "gainRow");
  const [out, values] = [floats(y), floats(gains)];
  for (let i = 0; i < H * R; i++) out[i] = values[Math.floor(i / R)]! * row[i % R]!;
  return record("gainRow", y, [gains], (dy) => {
    const sums = new Float64Array(H);
    floats(dy).forEach((slope, i) => {
      sums[Math.floor(i / R)]! += slope * row[i % R]!;
    });
    const total = floats(gradOf(gains));
    for (let h = 0; h < H; h++) total[h]! += sums[h]!;
  });
}

/** KERPLE (Chi et al. 2022, arXiv:2205.09921): -e^a ln(1 + e^b |d|): a, b [H] and distances [R] give [H, R]. */
export const kerpleLog = curved("kerpleLog", (a, b, distance) => {
  const [height, rate] = [exp(a), exp(b)];
  const value = -height * log(1 + rate * distance);
  return [value, value, (-height * rate * distance) / (1 + rate * distance)];
});

/** -e^a |d|^p with p = 2 sigmoid(b): a, b [H] and distances [R] give [H, R]. */
export const kerplePower = curved("kerplePower", (a, b, distance) => {
  if (distance === 0) return [0, 0, 0];
  const gate = 1 / (1 + exp(-b));
  const value = -exp(a) * exp(HIGHEST_POWER * gate * log(distance));
  return [value, value, value * log(distance) * HIGHEST_POWER * gate * (1 - gate)];
});

function curved(name: string, curve: Curve) {
  return (a: Tensor, b: Tensor, distances: Float64Array): Tensor => {
    const { H } = expectShape(name, "a", a, ["H"]);
    expectShape(name, "b", b, [H]);
    const R = distances.length;
    const y = empty([H, R], name);
    const each = (visit: (h: number, r: number, values: ReturnType<Curve>) => void) => {
      const [av, bv] = [a.values(), b.values()];
      for (let h = 0; h < H; h++)
        for (let r = 0; r < R; r++) visit(h, r, curve(av[h]!, bv[h]!, Math.abs(distances[r]!)));
    };
    const out = floats(y);
    each((h, r, [value]) => {
      out[h * R + r] = value;
    });
    return record(name, y, [a, b], (dy) => {
      const [slopes, sums] = [dy.values(), new Float64Array(2 * H)];
      each((h, r, [, byA, byB]) => {
        sums[h]! += slopes[h * R + r]! * byA;
        sums[H + h]! += slopes[h * R + r]! * byB;
      });
      for (const [i, x] of [a, b].entries()) {
        if (!x.needsGrad) continue;
        const total = floats(gradOf(x));
        for (let h = 0; h < H; h++) total[h]! += sums[i * H + h]!;
      }
    });
  };
}
