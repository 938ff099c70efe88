// Attention heat maps for the page: weights packed into bytes, the viewer's frame, and the viewer itself.
import { type Html, html, json, trusted } from "./html";
import { base64, NAME_HELPER, tokenLabel, tokenName } from "./packing";
import { type ViewerData, viewer } from "./viewer";

export interface AttentionMaps {
  readonly tokens: readonly string[];
  /** Weights [T, T] in row-major order: row i is what token i attends to. */
  readonly heads: readonly {
    readonly layer: number;
    readonly head: number;
    readonly weights: ArrayLike<number>;
  }[];
}

const FULL = 65535;
/** Heads beside each other: the grid has a row per layer where they fit. */
const MOST_COLUMNS = 8;

/** @throws Error when a head's weights are not T x T, or not between 0 and 1 */
export function renderAttention(maps: AttentionMaps): Html {
  const { heads } = maps;
  const inLayer = heads.filter(({ layer }) => layer === heads[0]?.layer).length;
  const columns = Math.max(4, Math.min(inLayer, MOST_COLUMNS));
  return html`<noscript><p class="note">The maps are drawn by a script inside this page, which is switched off here.</p></noscript>
<div class="viewer" hidden>
<p class="note">Named layer.head. Arrow keys move between heads, with Shift between cells.</p>
<div class="heads" role="radiogroup" aria-label="Attention heads" style="grid-template-columns:repeat(${columns},minmax(0,${columns > 6 ? 88 : 112}px))"></div>
<h3 class="head-name"></h3>
<p class="legend"><span>weight 0 <span class="ramp weights"></span> 1</span> <label><input type="checkbox" class="by-row"> full colour for the largest of each row</label></p>
<div><canvas class="zoom" tabindex="0" role="img" aria-label="Attention weights of the chosen head; Shift and arrow keys read them out"></canvas></div>
<p class="readout" aria-live="polite"></p>
</div>
<script type="application/json" class="attention-data">${json(pack(maps))}</script>
<script>${trusted(`{ ${NAME_HELPER}
const { currentScript } = document;
const data = currentScript.previousElementSibling;
(${viewer})(data.previousElementSibling, JSON.parse(data.textContent)); }`)}</script>
`;
}

export function pack({ tokens, heads }: AttentionMaps): ViewerData {
  const T = tokens.length;
  const bytes = new Uint8Array(2 * heads.length * T * T);
  let causal = T > 1;
  heads.forEach(({ layer, head, weights }, index) => {
    if (weights.length !== T * T) {
      throw new Error(
        `attention maps: weights must be ${T} x ${T}, one row a token, got ${weights.length} in layer ${layer} head ${head}`,
      );
    }
    for (let at = 0; at < T * T; at++) {
      const weight = weights[at]!;
      // A sum of rounded shares may pass 1 by a little.
      if (!(weight >= 0 && weight <= 1.001)) {
        throw new Error(
          `attention maps: weights must be between 0 and 1, got ${weight} in layer ${layer} head ${head}`,
        );
      }
      const share = Math.min(FULL, Math.round(weight * FULL));
      const place = 2 * (index * T * T + at);
      bytes[place] = share & 255;
      bytes[place + 1] = share >> 8;
      if (weight > 0 && at % T > Math.floor(at / T)) causal = false;
    }
  });
  return {
    labels: tokens.map(tokenLabel),
    names: tokens.map(tokenName),
    heads: heads.map(({ layer, head }) => ({ layer, head })),
    causal,
    weights: base64(bytes),
  };
}
