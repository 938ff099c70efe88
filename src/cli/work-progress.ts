// The progress of many experiments as one: trials differ in length, so what is left is told by the budgets.
import type { RunProgress } from "../experiments/run";
import { type Progress, startProgress } from "../terminal/progress";

export interface PlannedWork {
  readonly trials: number;
  /** Of all its trials, on one core. */
  readonly seconds: number;
}

export interface WorkProgress {
  /** News of one of the experiments, by its place in the list. */
  update(index: number, progress: RunProgress): void;
  stop(): void;
}

/** Counts seconds of the budgets, and shows the trials beside them; shows nothing where all was finished before. */
export function workProgress(planned: readonly PlannedWork[]): WorkProgress {
  const news = new Map<number, RunProgress>();
  let shown: Progress | undefined;
  const secondsOf = (of: (progress: RunProgress) => number) =>
    planned.reduce((sum, { trials, seconds }, index) => {
      const progress = news.get(index);
      return sum + (progress ? (seconds * of(progress)) / trials : 0);
    }, 0);
  return {
    update(index, progress) {
      news.set(index, progress);
      // Each tells first how much earlier runs had done.
      if (news.size < planned.length) return;
      const every = [...news.values()];
      const count = (of: (progress: RunProgress) => number) => every.reduce((sum, one) => sum + of(one), 0);
      const total = count((one) => one.total);
      if (count((one) => one.resumed) === total) return;
      const resumed = Math.round(secondsOf((one) => one.resumed));
      const all = Math.round(secondsOf((one) => one.total));
      shown ??= startProgress("claims: planned seconds", all, resumed);
      const done = count((one) => one.done);
      const work = secondsOf((one) => one.work);
      shown.update(done === total ? all : Math.min(Math.round(work), all - 1), {
        trials: `${done}/${total}`,
      });
    },
    stop() {
      shown?.stop();
      shown = undefined;
    },
  };
}
