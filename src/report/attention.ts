// Attention heat maps for the page: values packed into bytes, and the viewer with its frame.
import type { AttentionPlot, HeadPattern } from "../experiments/figure";
import { type Html, html, json, trusted } from "./html";
import { base64, NAME_HELPER, tokenLabel, tokenName } from "./packing";
import { viewer } from "./viewer";
import type { ViewData, ViewerData } from "./viewer-data";
import { viewerFrame } from "./viewer-frame";
import { viewerParts } from "./viewer-parts";

export type AttentionMaps = Omit<AttentionPlot, "kind">;

const FULL = 32767;

/** @throws Error when a head's weights are not T x T, or not between 0 and 1, and when what goes with them has another size */
export function renderAttention(maps: AttentionMaps): Html {
  const data = pack(maps);
  const parts = Object.entries(viewerParts).map(([name, part]) => `${name}: ${part}`);
  return html`<noscript><p class="note">The maps are drawn by a script inside this page, which is switched off here.</p></noscript>
${viewerFrame(data)}
<script type="application/json" class="attention-data">${json(data)}</script>
<script>${trusted(`{ ${NAME_HELPER}
const { currentScript } = document;
const data = currentScript.previousElementSibling;
(${viewer})(data.previousElementSibling, JSON.parse(data.textContent), { ${parts} }); }`)}</script>
`;
}

export function pack({ tokens, heads, targets = [], first = 0 }: AttentionMaps): ViewerData {
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
    first,
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
