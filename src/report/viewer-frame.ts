// What the attention viewer draws into: hidden until its script has drawn.
import { type Html, html, trusted } from "./html";
import type { ViewerData } from "./viewer-data";

/** Heads beside each other: the grid has a row per layer where they fit. */
const MOST_COLUMNS = 8;

export function viewerFrame({ heads, views }: Pick<ViewerData, "heads" | "views">): Html {
  const inLayer = heads.filter(({ layer }) => layer === heads[0]?.layer).length;
  const columns = Math.max(4, Math.min(inLayer, MOST_COLUMNS));
  const choices = Object.keys(views);
  return html`<div class="viewer" hidden>
<p class="note">L1H0 is head 0 of layer 1. Arrow keys move between heads, with Shift between cells.</p>
<div class="heads" role="radiogroup" aria-label="Attention heads" style="grid-template-columns:repeat(${columns},minmax(0,${columns > 6 ? 88 : 112}px))"></div>
<h3 class="head-name"></h3>
<p class="legend"><label${choices.length < 2 && trusted(" hidden")}>show <select class="view">${choices.map((name) => html`<option>${name}</option>`)}</select></label>
<span><span class="least"></span> <span class="ramp minus signed"></span><span class="ramp weights"></span> <span class="most"></span></span>
<label><input type="checkbox" class="by-row"> full colour for the largest of each row</label></p>
<div><canvas class="zoom" tabindex="0" role="img" aria-label="The chosen head; Shift and arrow keys read its cells out"></canvas></div>
<p class="readout" aria-live="polite"></p>
<p class="tokens"></p>
<p class="note">The same as a text: point at a token, and the others are shaded by how much it attends to them.</p>
</div>`;
}
