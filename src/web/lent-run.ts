// The run of the Train tab, lent to other tabs of the page as it stands, whether the browser keeps it or not.
import type { LentRun } from "./train/protocol";

export interface RunBoard {
  /** The Train tab is here: from now on whoever asks gets its run by this. */
  lend(current: () => Promise<LentRun | undefined>): void;
  /** The run as it stands by now; nothing as long as that tab has none. Never rejects. */
  current(): Promise<LentRun | undefined>;
}

export function runBoard(): RunBoard {
  let ask: () => Promise<LentRun | undefined> = () => Promise.resolve(undefined);
  return {
    lend(current) {
      ask = current;
    },
    current: () => ask(),
  };
}
