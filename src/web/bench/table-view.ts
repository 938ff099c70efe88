// The results of a suite as a table: what the command line prints, with a bar for the share, and what the columns say.
import { html, nothing, type TemplateResult } from "lit-html";
import type { Result } from "../../../bench/run";
import type { Measured } from "./protocol";

/** The bar says these. */
const SHARES: readonly string[] = ["of peak", "of reading"];
const NAMES: readonly string[] = ["what", "on", "build", "threads"];
const rank = (title: string) => (title === "error" ? 0 : 1);

export function tableView({ result, cells, notes }: Measured): TemplateResult {
  const left = cells.heads
    .map((head, column) => ({ ...head, column }))
    .filter(({ title }) => !SHARES.includes(title));
  // First what names the row, then what one looks for: the share, and whether the answer is right.
  const names = left.filter(({ title }) => NAMES.includes(title));
  const rest = left
    .filter(({ title }) => !NAMES.includes(title))
    .toSorted((a, b) => rank(a.title) - rank(b.title));
  const line = (bar: unknown, cell: (place: (typeof left)[number]) => unknown) => [
    names.map(cell),
    bar,
    rest.map(cell),
  ];
  return html`
    <div class="scroll" role="region" aria-label="Results" tabindex="0"><table class="bench">
      <thead><tr>${line(html`<th scope="col">share</th>`, ({ title, align }) => html`<th scope="col" class=${align}>${title}</th>`)}</tr></thead>
      <tbody>${cells.rows.map(
        (row, index) =>
          html`<tr class=${cells.unsteady[index] ? "unsteady" : ""}>${line(
            html`<td>${shareView(result.rows[index]!)}</td>`,
            ({ align, column }) => html`<td class=${align}>${row[column]}</td>`,
          )}</tr>`,
      )}</tbody>
    </table></div>
    ${notes.map((note) => html`<p class="note">${note}</p>`)}
    ${cells.unsteady.includes(true) ? html`<p class="note">Grey: the rows of that spread.</p>` : nothing}
    <details><summary>What the columns say</summary>
      <dl class="legend-list">${cells.heads.map(({ title, about }) => about && html`<dt>${title}</dt><dd>${about}.</dd>`)}</dl>
    </details>
  `;
}

/** A bar as long as the share of the ceiling. */
function shareView({ ceiling }: Result) {
  if (!ceiling) return nothing;
  const { what, share } = ceiling;
  return html`<span class="share"><meter min="0" max="1" value=${Math.min(1, share)} aria-label="share of ${what}"></meter> ${share.toFixed(2)} ${what === "reading" ? "of reading" : "of peak"}</span>`;
}
