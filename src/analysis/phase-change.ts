// When a model learns something abruptly: where a measured curve crosses a level, how long the way down takes, and how steep it is.

/** A value at a step of training. */
export type Curve = readonly (readonly [step: number, value: number])[];

export interface PhaseChangeOptions {
  /** The change is where the loss first falls below this: half the plateau before it. */
  readonly middle: number;
  /** It lasts from where the loss first falls below `start` to where it first falls below `end`. */
  readonly start: number;
  readonly end: number;
  /** A fall of less than this in `stride` steps is no change of phase, however low the loss gets. */
  readonly leastDrop: number;
  /** Steps that drops are counted over; snapshots further apart are scaled to it. */
  readonly stride: number;
}

/** For losses on random repeats of 32 symbols, whose plateau is near 3 nats. */
export const REPEATS: PhaseChangeOptions = { middle: 1.5, start: 2.8, end: 0.3, leastDrop: 0.3, stride: 25 };

export interface PhaseChange {
  /** Step of the middle; absent without a change of phase. */
  readonly step?: number;
  /** Steps from `start` to `end`; absent where the loss does not get so low, or began below `start`. */
  readonly width?: number;
  /** The largest drop in `stride` steps. */
  readonly drop: number;
  /** Why there is none. */
  readonly none?: string;
}

/**
 * The change of phase in a curve of losses, by linear interpolation between snapshots.
 * @throws Error unless steps rise
 */
export function phaseChange(losses: Curve, options: PhaseChangeOptions = REPEATS): PhaseChange {
  const { middle, start, end, leastDrop, stride } = options;
  const drop = largestDrop(losses, stride);
  const step = crossing(losses, middle, "down");
  if (step === undefined) return { drop, none: `the loss is never below ${middle}` };
  if (drop < leastDrop) return { drop, none: `the loss never falls by ${leastDrop} in ${stride} steps` };
  const [from, to] = [crossing(losses, start, "down"), crossing(losses, end, "down")];
  return from === undefined || to === undefined ? { step, drop } : { step, drop, width: to - from };
}

/**
 * The step at which a curve first passes a level, between two snapshots; `undefined` where it never does, or is beyond it from the start.
 * @throws Error unless steps rise
 */
export function crossing(curve: Curve, level: number, direction: "up" | "down"): number | undefined {
  const beyond = (value: number) => (direction === "up" ? value >= level : value <= level);
  for (const [[step, value], [next, after]] of pairs(curve)) {
    if (!beyond(value) && beyond(after)) return step + ((next - step) * (level - value)) / (after - value);
  }
  return undefined;
}

/**
 * The largest fall between two snapshots in a row, per `stride` steps. 0 for a curve that only rises.
 * @throws Error unless steps rise
 */
export function largestDrop(curve: Curve, stride: number): number {
  return Math.max(
    0,
    ...pairs(curve).map(([[step, value], [next, after]]) => ((value - after) * stride) / (next - step)),
  );
}

function pairs(curve: Curve) {
  return curve.slice(1).map((after, i) => {
    const before = curve[i]!;
    if (!(after[0] > before[0]))
      throw new Error(`phaseChange: steps must rise, got ${before[0]} and then ${after[0]}`);
    return [before, after] as const;
  });
}
