// How the claims on circuits are judged: numbers of each trial by name, and a rule that they must meet.
import type { Config, Metrics, Observation, Trial } from "../experiment";
import { observe, where } from "../select";

/** A name, the numbers of a trial that it stands for, and the rule that they must meet. A number that is not there is NaN, and meets none. */
export type Rule<M> = readonly [
  name: string,
  values: (metrics: M) => readonly number[],
  holds: (values: readonly number[]) => boolean,
];

/** The rules for the trials of these settings, of which `share` must meet all; `undefined` where none ran. */
export function every<C extends Config, M extends Metrics>(
  trials: readonly Trial<C, M>[],
  wanted: Partial<C>,
  rules: readonly Rule<M>[],
  share = 1,
): Observation | undefined {
  const found = where(trials, wanted);
  if (found.length === 0) return undefined;
  const text = rules.map(([name, values]) => {
    const lists = found.map(({ metrics }) => values(metrics).map(short).join(" and "));
    return `${name} ${lists.join(", ")}`;
  });
  const good = found.filter(({ metrics }) => rules.every(([, values, holds]) => holds(values(metrics))));
  return observe(text.join("; "), good.length >= share * found.length - 1e-9);
}

/** Holds where all do; `undefined` where one could not be judged. */
export function all(observations: readonly (Observation | undefined)[]): Observation | undefined {
  const known = observations.filter((one) => one !== undefined);
  if (known.length < observations.length) return undefined;
  return observe(
    known.map(({ observed }) => observed).join("; "),
    known.every(({ holds }) => holds),
  );
}

function short(value: number): string {
  return Number.isNaN(value) ? "never" : String(value);
}

export function percent(share: number): string {
  return `${Math.round(100 * share)} %`;
}
