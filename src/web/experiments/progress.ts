// How far a run of an experiment is, in words.
import { duration, plural } from "../../report/format";

export interface Progress {
  readonly done: number;
  readonly total: number;
  /** Trials done, counting the shares of those that are running. */
  readonly work: number;
  /** Trials that were done before this run. */
  readonly resumed: number;
  /** Trials whose outcome is stored: Stop loses the others. */
  readonly kept: number;
  readonly running: number;
}

/** Before so much is seen, in seconds and as a part of what there is to do, nobody can tell how long the rest takes. */
const SEEN_SECONDS = 3;
const SEEN_PART = 0.05;

export function doneWords({ done, total }: Progress): string {
  return `${done} of ${plural(total, "trial")} done`;
}

/** @param seconds since this run began */
export function paceWords(progress: Progress, seconds: number): string {
  const left = secondsLeft(progress, seconds);
  return [
    `${progress.running} running`,
    `${duration(Math.floor(seconds))} so far`,
    ...(left === undefined ? [] : [`about ${roughly(left)} left`]),
  ].join(", ");
}

/** What Stop leaves, as a sentence goes on. */
export function stoppedWords({ done, kept, total }: Progress): string {
  const of = `of ${plural(total, "trial")}`;
  if (kept > 0) return `${kept} ${of} are kept, Run goes on from there.`;
  return done > 0 ? `${done} ${of} were done, none could be kept.` : `0 ${of} were finished.`;
}

function secondsLeft({ work, resumed, total }: Progress, seconds: number): number | undefined {
  const [seen, all] = [work - resumed, total - resumed];
  if (seconds < SEEN_SECONDS || seen < SEEN_PART * all) return undefined;
  return (seconds * (all - seen)) / seen;
}

/** Rounded up, as the estimate deserves. */
function roughly(seconds: number): string {
  return seconds <= 55 ? `${5 * Math.max(1, Math.ceil(seconds / 5))} s` : `${Math.ceil(seconds / 60)} min`;
}
