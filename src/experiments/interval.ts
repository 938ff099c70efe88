// The mean of a few seeds and how far to trust it.

export interface Interval {
  readonly count: number;
  readonly mean: number;
  /** Ends of the 95 % interval of the mean by Student's t; absent for a single value, which says nothing of the spread. */
  readonly low?: number;
  readonly high?: number;
}

/** 97.5 % quantiles of Student's t for 1, 2, ... degrees of freedom. */
const T_QUANTILES = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131,
  2.12, 2.11, 2.101, 2.093, 2.086, 2.08, 2.074, 2.069, 2.064, 2.06, 2.056, 2.052, 2.048, 2.045, 2.042,
] as const;
/** Beyond the table; at 31 degrees of freedom it is 2.0395. */
const T_LARGE = 2.04;

/** @throws RangeError for no values */
export function meanInterval(values: readonly number[]): Interval {
  const count = values.length;
  if (count === 0) throw new RangeError("interval: at least one value is needed, got none");
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  if (count === 1) return { count, mean };
  const variance = values.reduce((sum, value) => sum + (value - mean) * (value - mean), 0) / (count - 1);
  const half = (T_QUANTILES[count - 2] ?? T_LARGE) * Math.sqrt(variance / count);
  return { count, mean, low: mean - half, high: mean + half };
}
