// Finding the trials that a claim or a figure speaks of.
import type { Config, Metrics, Observation, Trial } from "./experiment";

/** The trials whose config has these values, in the order of their seeds. */
export function where<C extends Config, M extends Metrics>(
  trials: readonly Trial<C, M>[],
  wanted: Partial<C>,
): Trial<C, M>[] {
  return trials
    .filter(({ config }) => Object.entries(wanted).every(([key, value]) => config[key] === value))
    .sort((a, b) => a.seed - b.seed);
}

/** The first seed's metrics for each of the wanted configs; `undefined` when one of them did not run. */
export function each<C extends Config, M extends Metrics>(
  trials: readonly Trial<C, M>[],
  wanted: readonly Partial<C>[],
): M[] | undefined {
  const found = wanted.map((config) => where(trials, config)[0]?.metrics);
  return found.every((metrics) => metrics !== undefined) ? found : undefined;
}

/** The largest distance of `values` from `expected`, and whether it is within the tolerance. */
export function within(values: readonly number[], expected: readonly number[], tolerance: number): boolean {
  return (
    values.length === expected.length &&
    values.every((value, i) => Math.abs(value - expected[i]!) <= tolerance)
  );
}

export function rising(values: readonly number[]): boolean {
  return values.every((value, i) => i === 0 || value > values[i - 1]!);
}

export function falling(values: readonly number[]): boolean {
  return values.every((value, i) => i === 0 || value < values[i - 1]!);
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** "1.979, 2.099" */
export function fixed(values: readonly number[], digits: number): string {
  return values.map((value) => value.toFixed(digits)).join(", ");
}

export function observe(observed: string, holds: boolean): Observation {
  return { observed, holds };
}
