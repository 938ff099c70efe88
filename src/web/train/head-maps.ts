// The maps of a run's heads, in the viewer of the report.
import { headName } from "../../analysis";
import { viewer } from "../../report/viewer";
import type { ViewerData } from "../../report/viewer-data";
import { viewerFrame } from "../../report/viewer-frame";
import { viewerParts } from "../../report/viewer-parts";

export interface HeadMaps {
  /** What draws them, in steps that are short enough for a task each. */
  readonly draws: ((data: ViewerData | undefined) => void)[];
  /** Shows the head of this name large, and where it is. */
  choose(name: string): void;
}

export function headMaps(root: HTMLElement): HeadMaps {
  let framed = "";
  let shown = new AbortController();
  let filled: { readonly data: ViewerData; readonly view: ReturnType<typeof viewer> } | undefined;
  const frame = (data: ViewerData | undefined) => {
    const wanted = data
      ? JSON.stringify([data.labels, data.heads, data.causal, Object.keys(data.views)])
      : "";
    if (wanted === framed) return;
    shown.abort();
    shown = new AbortController();
    root.innerHTML = data ? viewerFrame(data).text : "";
    framed = wanted;
    filled = undefined;
  };
  const fill = (data: ViewerData | undefined) => {
    const element = root.querySelector<HTMLElement>(".viewer");
    if (!data || !element || filled?.data === data) return;
    filled?.view.update(data.views);
    filled = { data, view: filled?.view ?? viewer(element, data, viewerParts, shown.signal) };
  };
  return {
    draws: [frame, fill],
    choose(name) {
      const head = filled?.data.heads.findIndex((place) => headName(place) === name) ?? -1;
      if (head < 0) return;
      filled?.view.choose(head);
      root.scrollIntoView();
    },
  };
}
