// Of all tabs of a browser one keeps its run there: the one that holds this lock, until it is closed.

const NAME = "heed.training";
/** A tab that has the lock and neither answers nor lets go within this will not. */
const PATIENCE_MS = 5000;

/** What tabs say to each other. */
type Word = "whose?" | "mine";

export interface Claim {
  /** Whether this tab may keep its run. */
  take(): Promise<boolean>;
  release(): void;
}

export function storageClaim(): Claim {
  let asked: Promise<boolean> | undefined;
  let free: (() => void) | undefined;
  let giveUp = () => {};
  // The lock may still be of the page before a reload, on a slow machine for long: that one lets go and says nothing, a tab that stays answers.
  const tabs = new BroadcastChannel(NAME);
  const say = (word: Word) => tabs.postMessage(word);
  tabs.onmessage = ({ data }: MessageEvent<Word>) => {
    if (data === "mine") giveUp();
    else if (free) say("mine");
  };
  addEventListener("pagehide", () => tabs.close());
  return {
    take() {
      // Only secure contexts have locks; elsewhere the tab that keeps last is the one that is kept.
      if (!("locks" in navigator)) return Promise.resolve(true);
      asked ??= new Promise<boolean>((resolve) => {
        const waiting = new AbortController();
        let has = false;
        giveUp = () => {
          if (has || waiting.signal.aborted) return;
          waiting.abort();
          asked = undefined; // it may be free the next time
          resolve(false);
        };
        const keep = () => {
          has = true;
          resolve(true);
        };
        const held = () => {
          if (waiting.signal.aborted) return undefined; // an early abort may be lost
          keep();
          say("mine"); // to who asked before this was known here
          return new Promise<void>((release) => {
            free = release;
          });
        };
        // A browser that gives out none says nothing of other tabs.
        navigator.locks.request(NAME, { signal: waiting.signal }, held).catch(() => {
          if (!waiting.signal.aborted) keep();
        });
        setTimeout(giveUp, PATIENCE_MS);
        say("whose?");
      });
      return asked;
    },
    release() {
      free?.();
      free = undefined;
      asked = undefined;
    },
  };
}
