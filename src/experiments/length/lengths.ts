// Metrics by the length of the tested sequences: flat, so that each has its mean and interval over seeds in reports.
import type { Config, Metrics, Trial } from "../experiment";
import type { Point } from "../figure";
import { meanInterval } from "../interval";
import { where } from "../select";

/** Lengths `first`, `2 first`, `4 first`, ... up to `last`. */
export function ladder(first: number, last: number): number[] {
  const lengths: number[] = [];
  for (let n = first; n <= last; n *= 2) lengths.push(n);
  return lengths;
}

/** What `measure` finds at each length, under names like `accuracy at 64`. */
export function atEach(
  lengths: readonly number[],
  measure: (n: number) => Readonly<Record<string, number>>,
): Record<string, number> {
  return Object.fromEntries(
    lengths.flatMap((n) => Object.entries(measure(n)).map(([name, value]) => [`${name} at ${n}`, value])),
  );
}

/** The seeds' values of a metric at one length; `undefined` where no trial of these settings has it. */
export function valuesAt<C extends Config>(
  trials: readonly Trial<C, Metrics>[],
  wanted: Partial<C>,
  name: string,
  n: number,
): number[] | undefined {
  const values = where(trials, wanted)
    .map(({ metrics }) => metrics[`${name} at ${n}`])
    .filter((value) => typeof value === "number");
  return values.length > 0 ? values : undefined;
}

/** "0.848 ± 0.053": the mean over seeds, and half its 95 % interval where there are several. */
export function shown(values: readonly number[]): string {
  const { mean, high } = meanInterval(values);
  return high === undefined ? short(mean) : `${short(mean)} ± ${short(high - mean)}`;
}

function short(value: number): string {
  return value === 0 || Math.abs(value) >= 0.01 ? value.toFixed(3) : value.toExponential(1);
}

/** Means over seeds with their intervals, in the order of lengths: a curve for a figure. */
export function pointsOver<C extends Config>(
  trials: readonly Trial<C, Metrics>[],
  wanted: Partial<C>,
  name: string,
  lengths: readonly number[],
): Point[] {
  return lengths.flatMap((n) => {
    const values = valuesAt(trials, wanted, name, n);
    if (!values) return [];
    const { mean, low, high } = meanInterval(values);
    return [{ x: n, y: mean, ...(low !== undefined && high !== undefined && { low, high }) }];
  });
}
