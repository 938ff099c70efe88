// How far a result is from the float64 reference.

/** The largest difference over the largest expected value; infinite where something is not a number. */
export function disagreement(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Number.POSITIVE_INFINITY;
  let largest = 0;
  let error = 0;
  for (let i = 0; i < expected.length; i++) {
    largest = Math.max(largest, Math.abs(expected[i]!));
    const difference = Math.abs(actual[i]! - expected[i]!);
    if (!Number.isFinite(difference)) return Number.POSITIVE_INFINITY;
    error = Math.max(error, difference);
  }
  return error === 0 ? 0 : error / largest;
}

/** `count` of 0..n-1, the ends among them, the same every time: where large results are compared. All of them for a small n. */
export function sampled(n: number, count: number): number[] {
  if (n <= count) return Array.from({ length: n }, (_, i) => i);
  // Steps of a whole quotient would meet the same place in every tile.
  return Array.from({ length: count }, (_, i) => Math.round((i * (n - 1)) / (count - 1)));
}
