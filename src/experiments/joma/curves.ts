// What the trials of `joma` share: steps of Runge-Kutta, and curves short enough to be kept.

export type Curve = readonly (readonly [x: number, y: number])[];

const POINTS = 200;

/** One classic step of dx/dt = slope(x). */
export function rungeKutta(
  x: Float64Array,
  slope: (x: Float64Array) => Float64Array,
  step: number,
): Float64Array {
  const k1 = slope(x);
  const k2 = slope(along(x, k1, step / 2));
  const k3 = slope(along(x, k2, step / 2));
  const k4 = slope(along(x, k3, step));
  return x.map((value, i) => value + (step / 6) * (k1[i]! + 2 * k2[i]! + 2 * k3[i]! + k4[i]!));
}

export function along(x: Float64Array, slope: Float64Array, by: number): Float64Array {
  return x.map((value, i) => value + by * slope[i]!);
}

/** Values by index, at most about POINTS of them. */
export function thin(values: readonly number[]): Curve {
  const stride = Math.ceil(values.length / POINTS);
  return values
    .map((value, i) => [i, value] as const)
    .filter(([i]) => i % stride === 0 || i === values.length - 1);
}
