// A few places for work of which there is more: who waits, and who goes next.

export interface Claimant {
  /** Of those that wait the lowest goes first, and of equals the one that came first. */
  readonly rank: number;
  /** How many places it needs; at most all there are. */
  readonly takes: number;
}

/**
 * Runs work in `count` places. The first in line waits until there is room for it, and nobody overtakes it: what needs all places gets
 * them.
 */
export function places(count: number): <T>(claimant: Claimant, work: () => Promise<T>) => Promise<T> {
  const line: (Claimant & { readonly start: () => void })[] = [];
  let free = count;

  const fill = () => {
    for (let first = line[0]; first && first.takes <= free; first = line[0]) {
      line.shift();
      free -= first.takes;
      first.start();
    }
  };

  return async ({ rank, takes }, work) => {
    await new Promise<void>((start) => {
      const behind = line.findIndex((other) => other.rank > rank);
      line.splice(behind < 0 ? line.length : behind, 0, { rank, takes, start });
      fill();
    });
    try {
      return await work();
    } finally {
      free += takes;
      fill();
    }
  };
}
