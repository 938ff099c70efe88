// Frames for the page: values packed into bytes, the slider's frame, and the script that draws.
import type { FramesPlot } from "../experiments/figure";
import { type Html, html, json, trusted } from "./html";
import { base64, NAME_HELPER, tokenLabel } from "./packing";
import { type ScrubberData, scrubber } from "./scrubber";

export function renderFrames(plot: FramesPlot, title: string): Html {
  const last = plot.frames.length - 1;
  return html`<noscript><p class="note">This figure is drawn by a script inside this page, which is switched off here.</p></noscript>
<div class="scrubber" hidden>
<p><label>${plot.frame} <input type="range" min="0" max="${last}" step="1" value="${last}" aria-label="${title}: ${plot.frame}"></label> <output></output></p>
<div><canvas role="img" aria-label="${title}"></canvas></div>
<p class="readout" aria-live="polite"></p>
</div>
<script type="application/json">${json(packFrames(plot))}</script>
<script>${trusted(`{ ${NAME_HELPER}
const { currentScript } = document;
const data = currentScript.previousElementSibling;
(${scrubber})(data.previousElementSibling, JSON.parse(data.textContent)); }`)}</script>`;
}

/** Bytes of the highest value, and of none. */
const HIGHEST = 254;
const NOTHING = 255;

/** @throws Error for no frames, and for a frame that is not rows x columns */
export function packFrames({ rows, columns, frame, frames, value }: FramesPlot): ScrubberData {
  const [low, high] = value.domain;
  if (frames.length === 0) throw new Error("frames: at least one is needed, got none");
  const bytes = new Uint8Array(frames.length * rows.length * columns.length);
  let at = 0;
  for (const { name, values } of frames) {
    if (values.length !== rows.length || values.some((row) => row.length !== columns.length)) {
      throw new Error(
        `frames: values must be ${rows.length} rows of ${columns.length}, got ${values.length} rows of ${[...new Set(values.map((row) => row.length))].join(", ")} in ${name}`,
      );
    }
    for (const cell of values.flat())
      bytes[at++] =
        cell === null ? NOTHING : Math.round(HIGHEST * Math.min(1, Math.max(0, (cell - low) / (high - low))));
  }
  return {
    rows: rows.map(tokenLabel),
    columns: columns.map(tokenLabel),
    names: frames.map(({ name }) => `${frame} ${name}`),
    low,
    high,
    cells: base64(bytes),
  };
}
