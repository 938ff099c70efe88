// Attention heat maps for the page: values packed into bytes, the viewer's frame, and the viewer itself.
import type { AttentionPlot, HeadPattern } from "../experiments/figure";
import { type Html, html, json, trusted } from "./html";
import { base64, NAME_HELPER, tokenLabel, tokenName } from "./packing";
import { type ViewData, type ViewerData, viewer } from "./viewer";

export type AttentionMaps = Omit<AttentionPlot, "kind">;

const FULL = 32767;
/** Heads beside each other: the grid has a row per layer where they fit. */
const MOST_COLUMNS = 8;

/** @throws Error when a head's weights are not T x T, or not between 0 and 1, and when what goes with them has another size */
export function renderAttention(maps: AttentionMaps): Html {
  const { heads } = maps;
  const data = pack(maps);
  const inLayer = heads.filter(({ layer }) => layer === heads[0]?.layer).length;
  const columns = Math.max(4, Math.min(inLayer, MOST_COLUMNS));
  const choices = Object.keys(data.views);
  return html`<noscript><p class="note">The maps are drawn by a script inside this page, which is switched off here.</p></noscript>
<div class="viewer" hidden>
<p class="note">Named layer.head. Arrow keys move between heads, with Shift between cells.</p>
<div class="heads" role="radiogroup" aria-label="Attention heads" style="grid-template-columns:repeat(${columns},minmax(0,${columns > 6 ? 88 : 112}px))"></div>
<h3 class="head-name"></h3>
<p class="legend"><label${choices.length < 2 && trusted(" hidden")}>show <select class="view">${choices.map((name) => html`<option>${name}</option>`)}</select></label>
<span><span class="least"></span> <span class="ramp minus signed"></span><span class="ramp weights"></span> <span class="most"></span></span>
<label><input type="checkbox" class="by-row"> full colour for the largest of each row</label></p>
<div><canvas class="zoom" tabindex="0" role="img" aria-label="The chosen head; Shift and arrow keys read its cells out"></canvas></div>
<p class="readout" aria-live="polite"></p>
</div>
<script type="application/json" class="attention-data">${json(data)}</script>
<script>${trusted(`{ ${NAME_HELPER}
const { currentScript } = document;
const data = currentScript.previousElementSibling;
(${viewer})(data.previousElementSibling, JSON.parse(data.textContent)); }`)}</script>
`;
}

export function pack({ tokens, heads, targets = [] }: AttentionMaps): ViewerData {
  const T = tokens.length;
  for (const head of heads) check(head, T);
  const above = (at: number) => at % T > Math.floor(at / T);
  const causal =
    T > 1 && heads.every(({ weights }) => !Array.from(weights).some((weight, at) => weight > 0 && above(at)));
  const weights = heads.map((head) => Array.from(head.weights, (weight) => Math.min(weight, 1)));
  const views: Record<string, ViewData> = { attention: packView(weights, 1) };
  const all = (has: (head: HeadPattern) => unknown) => heads.length > 0 && heads.every(has);
  if (all(({ valueNorms }) => valueNorms))
    views["value-weighted"] = packView(
      heads.map(({ valueNorms }, h) => weights[h]!.map((weight, at) => weight * valueNorms![at % T]!)),
    );
  if (all(({ effects }) => effects))
    views["logit effect"] = packView(
      heads.map(({ effects }) => Array.from(effects!)),
      undefined,
      targets.map(tokenName),
    );
  return {
    labels: tokens.map((token, at) => `${tokenLabel(token)} (${at})`),
    names: tokens.map(tokenName),
    heads: heads.map(({ layer, head }) => ({ layer, head })),
    causal,
    views,
  };
}

/** @param most the magnitude of full colour; the largest of all when not given */
function packView(
  heads: readonly (readonly number[])[],
  most = Math.max(...heads.map((values) => values.reduce((top, value) => Math.max(top, Math.abs(value)), 0))),
  about: readonly string[] = [],
): ViewData {
  const bytes = new Uint8Array(2 * heads.reduce((count, values) => count + values.length, 0));
  const shares = new DataView(bytes.buffer);
  heads.flat().forEach((value, at) => {
    shares.setInt16(2 * at, Math.round((FULL * value) / (most || 1)), true);
  });
  return { values: base64(bytes), most, about };
}

function check({ layer, head, weights, valueNorms, effects }: HeadPattern, T: number): void {
  const refuse = (rule: string, got: string) => {
    throw new Error(`attention maps: ${rule}, got ${got} in layer ${layer} head ${head}`);
  };
  if (weights.length !== T * T)
    refuse(`weights must be ${T} x ${T}, one row a token`, String(weights.length));
  // A sum of rounded shares may pass 1 by a little.
  const wrong = Array.from(weights).find((weight) => !(weight >= 0 && weight <= 1.001));
  if (wrong !== undefined) refuse("weights must be between 0 and 1", String(wrong));
  if (valueNorms && valueNorms.length !== T)
    refuse(`valueNorms must be ${T}, one a token`, String(valueNorms.length));
  if (effects && effects.length !== T * T)
    refuse(`effects must be ${T} x ${T}, one row a token`, String(effects.length));
  const bad = [...Array.from(valueNorms ?? []), ...Array.from(effects ?? [])].find(
    (value) => !Number.isFinite(value),
  );
  if (bad !== undefined) refuse("valueNorms and effects must be finite", String(bad));
}
