// Into how many shares work is cut, and where: by its cost and the number of threads.
import { MOST_SHARES } from "./control";

/** A range of an axis. */
export interface Range {
  readonly from: number;
  readonly count: number;
}

/** What one thread does in a nanosecond, roughly: with it costs need not be exact. */
export const FLOPS_PER_NS = 25;

/** Work of less is not shared out: a job costs a microsecond, 35 when threads sleep, and data that crosses from core to core. */
const LEAST_NS = 20_000;
/** Shares of less are not made. */
const LEAST_SHARE_NS = 8_000;
/** Shares per thread: more than one, so that a thread that was held up does not hold up the others. */
const PER_THREAD = 2;
/** Shares of more are cut further: how long a share takes is how long a lost thread goes unnoticed. */
const MOST_SHARE_NS = 20_000_000;

/** How many shares work of `ns` nanoseconds on one thread is best cut into; 1 for not at all. */
export function pieces(ns: number, threads: number): number {
  if (ns < LEAST_NS) return 1;
  const wanted = Math.max(threads * PER_THREAD, Math.ceil(ns / MOST_SHARE_NS));
  return Math.min(wanted, Math.max(threads, Math.floor(ns / LEAST_SHARE_NS)), MOST_SHARES);
}

/** At most `count` ranges that cover 0 .. size, of nearly equal length, which begin at multiples of `grain`. */
export function ranges(size: number, count: number, grain: number): Range[] {
  const grains = Math.ceil(size / grain);
  const parts = Math.min(count, grains);
  const start = (part: number) => Math.min(size, grain * Math.floor((part * grains) / parts));
  return Array.from({ length: parts }, (_, part) => ({
    from: start(part),
    count: start(part + 1) - start(part),
  }));
}
