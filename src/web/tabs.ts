// The tabs by name, each loaded when it is first shown.
import type { Words } from "./address";

export interface Tab {
  /** Makes the tab in `root`. `show` is called whenever the address names it. */
  open(root: HTMLElement): { show(words: Words): void };
}

interface NamedTab {
  readonly name: string;
  readonly title: string;
  readonly load: () => Promise<Tab>;
}

export const tabs: readonly NamedTab[] = [
  { name: "train", title: "Train", load: async () => (await import("./train/tab")).trainTab },
  {
    name: "experiments",
    title: "Experiments",
    load: async () => (await import("./experiments/tab")).experimentsTab,
  },
  { name: "nbce", title: "NBCE", load: async () => (await import("./nbce/tab")).nbceTab },
  { name: "bench", title: "Bench", load: async () => (await import("./bench/tab")).benchTab },
];
