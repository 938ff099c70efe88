// Starts the viewers and scrubbers of a report that was put into this page, where scripts inside the text may not run.
import { scrubber } from "../../report/scrubber";
import { viewer } from "../../report/viewer";
import type { ViewerData } from "../../report/viewer-data";
import { viewerParts } from "../../report/viewer-parts";

/** @param signal ends them, with the report that they stand in */
export function startFigures(root: HTMLElement, signal: AbortSignal): void {
  for (const [selector, starts] of [
    [".viewer", showHeads],
    [".scrubber", scrubber],
  ] as const) {
    for (const element of root.querySelectorAll<HTMLElement>(selector)) {
      const data = element.nextElementSibling?.textContent;
      if (data) starts(element, JSON.parse(data), signal);
    }
  }
}

function showHeads(element: HTMLElement, data: ViewerData, signal: AbortSignal): void {
  viewer(element, data, viewerParts, signal);
}
