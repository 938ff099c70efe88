// The numbers behind a figure as a table that opens on demand: for screen readers, for copying, and for doubt.
import type { PlotSpec } from "../experiments/figure";
import { short } from "./format";
import { type Content, html } from "./html";
import { spread } from "./series";

/** Rows at most for one series, and cells at most of a matrix: beyond, the table would be longer than anyone reads. */
const SERIES_ROWS = 40;
const MATRIX_CELLS = 400;

export function numbersTable(plot: PlotSpec): Content {
  const table = contents(plot);
  if (!table || table.rows.length === 0) return undefined;
  return html`<details><summary>Numbers</summary><div class="scroll"><table>
<thead><tr>${table.head.map((name, column) => html`<th scope="col" class="${table.rows.every((row) => typeof row[column] === "number") ? "number" : ""}">${name}</th>`)}</tr></thead>
<tbody>${table.rows.map((row) => html`<tr>${row.map((cell) => (typeof cell === "number" ? html`<td class="number">${short(cell, 6)}</td>` : html`<td>${cell}</td>`))}</tr>\n`)}</tbody>
</table></div>${table.note && html`<p class="note">${table.note}</p>`}</details>`;
}

interface Table {
  readonly head: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
  readonly note?: string | undefined;
}

function contents(plot: PlotSpec): Table | undefined {
  switch (plot.kind) {
    case "line": {
      const ranged = plot.series.some(({ points }) =>
        points.some(({ low, high }) => low !== undefined && high !== undefined),
      );
      // Raw values behind a smooth line are too many to be read.
      const series = plot.series.filter(({ look }) => look !== "faint");
      return {
        head: ["series", plot.x.label, plot.y.label, ...(ranged ? ["interval"] : [])],
        rows: series.flatMap(({ name, points }) =>
          spread(points, SERIES_ROWS).map(({ x, y, low, high }) => [
            name,
            x,
            y,
            ...(ranged ? [interval(low, high)] : []),
          ]),
        ),
        note: thinned(series),
      };
    }
    case "dot":
      return {
        head: ["series", "label", plot.x.label, plot.y.label],
        rows: plot.groups.flatMap(({ name, points }) =>
          spread(points, SERIES_ROWS).map(({ x, y, label }) => [name, label ?? "", x, y]),
        ),
        note: thinned(plot.groups),
      };
    case "bar":
      return {
        head: ["group", "name", plot.value.label, "interval"],
        rows: plot.bars.map(({ group, name, value, low, high }) => [
          group ?? "",
          name,
          value,
          interval(low, high),
        ]),
      };
    case "heat":
      if (plot.rows.length * plot.columns.length > MATRIX_CELLS) return undefined;
      return {
        head: [`${plot.y} \\ ${plot.x}`, ...plot.columns],
        rows: plot.rows.map((name, i) => [name, ...plot.values[i]!.map((value) => value ?? "")]),
      };
    case "frames":
    case "attention":
      return undefined;
    default:
      return plot satisfies never;
  }
}

function interval(low: number | undefined, high: number | undefined): string {
  return low === undefined || high === undefined ? "" : `${short(low)} to ${short(high)}`;
}

function thinned(series: readonly { readonly points: readonly unknown[] }[]): string | undefined {
  const most = Math.max(0, ...series.map(({ points }) => points.length));
  return most > SERIES_ROWS
    ? `${SERIES_ROWS} evenly spaced points of up to ${most} for each series.`
    : undefined;
}
