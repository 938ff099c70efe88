// Wishes that come faster than they are granted: one at a time is asked for, and then only the latest.

export interface Latest<Wish> {
  wish(wish: Wish): void;
  /** What was asked for is done, or refused. */
  answered(): void;
  /** Whoever was asked is gone. */
  forget(): void;
}

export function latest<Wish>(ask: (wish: Wish) => void): Latest<Wish> {
  let asking = false;
  let waiting: { readonly wish: Wish } | undefined;
  const wish = (wanted: Wish) => {
    if (asking) waiting = { wish: wanted };
    else ask(wanted);
    asking = true;
  };
  return {
    wish,
    answered() {
      asking = false;
      const next = waiting;
      waiting = undefined;
      if (next) wish(next.wish);
    },
    forget() {
      asking = false;
      waiting = undefined;
    },
  };
}
