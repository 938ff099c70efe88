// Changes of the highest learning rate on the way: `120:0.003,300:0.001` is the schedule of 0.003 from step 120 on, and of 0.001 from 300.

import { list, number, whole } from "../terminal/options";
import { UsageError } from "../terminal/usage";
import { recipeSchedule } from "../train/recipe";
import type { Schedule } from "../train/schedule";
import type { Settings } from "./settings";

export interface RateChange {
  /** Steps done when it begins to hold. */
  readonly step: number;
  readonly rate: number;
}

type Rated = Pick<Settings, "lr" | "rates">;

/** @throws UsageError for what are no changes, and for steps that do not rise */
export function parseRates(word: string): readonly RateChange[] {
  if (word === "") return [];
  const changes = list(change)(word);
  const late = changes.findIndex(({ step }, index) => index > 0 && step <= changes[index - 1]!.step);
  if (late > 0)
    throw new UsageError(`steps must rise, got ${changes[late]!.step} after ${changes[late - 1]!.step}`);
  return changes;
}

export function ratesWord(changes: readonly RateChange[]): string {
  return changes.map(({ step, rate }) => `${step}:${rate}`).join(",");
}

/** The highest rate of the schedule that holds after so many steps. */
export function rateAt({ lr, rates }: Rated, step: number): number {
  return parseRates(rates).findLast((change) => change.step <= step)?.rate ?? lr;
}

/** With another rate from `step` on, whatever was to come after. */
export function withRate({ lr, rates }: Rated, { step, rate }: RateChange): string {
  const before = ratesWord(parseRates(rates).filter((change) => change.step < step));
  return rateAt({ lr, rates: before }, step) === rate
    ? before
    : ratesWord([...parseRates(before), { step, rate }]);
}

/** The recipe's, of the rate that holds at each step. */
export function rateSchedule({ steps, ...rated }: Rated & Pick<Settings, "steps">): Schedule {
  return (step) => recipeSchedule({ steps, lr: rateAt(rated, step) })(step);
}

function change(word: string): RateChange {
  const [step, rate, ...more] = word.split(":");
  if (step === undefined || rate === undefined || more.length > 0)
    throw new UsageError(`must be changes like 120:0.003,300:0.001, got "${word}"`);
  return { step: whole(0)(step), rate: number(0, undefined, "low")(rate) };
}
