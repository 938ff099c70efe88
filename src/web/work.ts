// Which tabs compute right now: the nav shows it, and whoever measures asks.

/** What tabs of a page tell each other through it. */
export interface Work {
  /** @param doing a word for what this tab computes, like "training"; nothing once it is idle */
  tell(doing: string | undefined): void;
  /** The other tabs that compute. */
  elsewhere(): readonly { readonly name: string; readonly title: string }[];
}

export interface WorkBoard {
  /** What a tab is doing. */
  doing(name: string): string | undefined;
  of(name: string): Work;
}

/** @param changed called with the tab that began or ended */
export function workBoard(
  tabs: readonly { readonly name: string; readonly title: string }[],
  changed: (name: string) => void,
): WorkBoard {
  const words = new Map<string, string>();
  return {
    doing: (name) => words.get(name),
    of: (name) => ({
      tell(doing) {
        if (words.get(name) === doing) return;
        if (doing === undefined) words.delete(name);
        else words.set(name, doing);
        changed(name);
      },
      elsewhere: () => tabs.filter((tab) => tab.name !== name && words.has(tab.name)),
    }),
  };
}
