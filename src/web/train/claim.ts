// Of all tabs of a browser one keeps its run there: the one that holds this lock, until it is closed.

const NAME = "heed.training";
/** A page that was just left or loaded again lets go within this. */
const PATIENCE_MS = 500;

export interface Claim {
  /** Whether this tab may keep its run. */
  take(): Promise<boolean>;
  release(): void;
}

export function storageClaim(): Claim {
  let asked: Promise<boolean> | undefined;
  let free = () => {};
  return {
    take() {
      // Only secure contexts have locks; elsewhere the tab that keeps last is the one that is kept.
      if (!("locks" in navigator)) return Promise.resolve(true);
      asked ??= new Promise<boolean>((resolve) => {
        const held = () => {
          resolve(true);
          return new Promise<void>((release) => {
            free = release;
          });
        };
        const signal = AbortSignal.timeout(PATIENCE_MS);
        navigator.locks.request(NAME, { signal }, held).catch(() => {
          // A browser that gives out no locks says by itself what it refuses to store.
          if (signal.aborted) asked = undefined; // it may be free the next time
          resolve(!signal.aborted);
        });
      });
      return asked;
    },
    release() {
      free();
      asked = undefined;
    },
  };
}
