// The tabs by name, each loaded when it is first shown.
import type { Words } from "./address";
import type { RunBoard } from "./lent-run";
import type { Work } from "./work";

/** What the page lends a tab. */
export interface Page {
  readonly work: Work;
  readonly run: RunBoard;
  /** Makes the address a link to what the tab shows; nothing happens where it is another tab's by now. */
  writeAddress(words: Words): void;
}

export interface Tab {
  /** Makes the tab in `root`. */
  open(root: HTMLElement, page: Page): OpenTab;
}

export interface OpenTab {
  /** Called whenever the address names the tab. */
  show(words: Words): void;
  /** Another tab began to compute, or ended. */
  workChanged?(): void;
}

export interface NamedTab {
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
