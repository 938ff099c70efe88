// The results of a suite as a table: what the command line prints, with a bar for the share, and what the columns say. On a phone what
// names a row stands in one cell and the bar is left out, so that its figures are seen without scrolling.
import { html, nothing, type TemplateResult } from "lit-html";
import type { Result, Setup } from "../../../bench/run";
import type { Measured } from "./protocol";

/** The bar says these. */
const SHARES: readonly string[] = ["of peak", "of reading"];
const NAMES: readonly string[] = ["what", "on", "build", "threads"];
const rank = (title: string) => (title === "error" ? 0 : title === "median" ? 1 : 2);

export function tableView({ result, cells, notes }: Measured): TemplateResult {
  const left = cells.heads
    .map((head, column) => ({ ...head, column }))
    .filter(({ title }) => !SHARES.includes(title));
  // First what names the row, then what one looks for: the share, whether the answer is right, and the time.
  const [what, ...names] = left.filter(({ title }) => NAMES.includes(title));
  const rest = left
    .filter(({ title }) => !NAMES.includes(title))
    .toSorted((a, b) => rank(a.title) - rank(b.title));
  const beyond = rest.filter(({ title }) => rank(title) > 1).map(({ title }) => title);
  return html`
    ${beyond.length > 0 ? html`<p class="note narrow">The table scrolls: ${beyond.join(", ")} are to the right.</p>` : nothing}
    <div class="scroll" role="region" aria-label="Results" tabindex="0"><table class="bench">
      <thead><tr>
        <th scope="col">${what?.title}</th>
        ${names.map(({ title, align }) => html`<th scope="col" class="wide ${align}">${title}</th>`)}
        <th scope="col">share</th>
        ${rest.map(({ title, align }) => html`<th scope="col" class=${align}>${title}</th>`)}
      </tr></thead>
      <tbody>${result.rows.map((of, index) => {
        const row = cells.rows[index]!;
        return html`<tr class=${cells.unsteady[index] ? "unsteady" : ""}>
          <td class="name">${of.kind}<span class="narrow">${of.shape}</span><span class="narrow">${nameOf(of)}</span></td>
          ${names.map(({ align, column }) => html`<td class="wide ${align}">${row[column]}</td>`)}
          <td>${shareView(of)}</td>
          ${rest.map(({ align, column }) => html`<td class=${align}>${row[column]}</td>`)}
        </tr>`;
      })}</tbody>
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
  return html`<span class="share"><meter class="wide" min="0" max="1" value=${Math.min(1, share)} aria-label="share of ${what}"></meter> ${share.toFixed(2)} ${what === "reading" ? "of reading" : "of peak"}</span>`;
}

/** "fast, 2 threads". */
export function nameOf({ build, threads }: Setup): string {
  return threads === 1 ? build : `${build}, ${threads} threads`;
}
