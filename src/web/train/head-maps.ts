// The maps of a run's heads, in the viewer of the report.
import { viewer } from "../../report/viewer";
import type { ViewerData } from "../../report/viewer-data";
import { viewerFrame } from "../../report/viewer-frame";

/** @returns what draws them, in steps that are short enough for a task each */
export function headMaps(root: HTMLElement): ((data: ViewerData | undefined) => void)[] {
  let framed = "";
  let filled: { readonly data: ViewerData; readonly update: ReturnType<typeof viewer>["update"] } | undefined;
  const frame = (data: ViewerData | undefined) => {
    const wanted = data ? JSON.stringify([data.labels, data.heads]) : "";
    if (wanted === framed) return;
    root.innerHTML = data ? viewerFrame(data).text : "";
    framed = wanted;
    filled = undefined;
  };
  const fill = (data: ViewerData | undefined) => {
    const element = root.querySelector<HTMLElement>(".viewer");
    if (!data || !element || filled?.data === data) return;
    filled?.update(data.views);
    filled = { data, update: filled?.update ?? viewer(element, data).update };
  };
  return [frame, fill];
}
