// A figure as HTML: legend, an image for wide and one for narrow screens, caption, and the numbers behind it.
import * as Plot from "@observablehq/plot";
import type { AttentionPlot, Axis, Figure, FramesPlot, LinePlot, PlotSpec } from "../experiments/figure";
import { renderAttention } from "./attention";
import { plural, short } from "./format";
import { type Content, type Html, html, trusted } from "./html";
import { numbersTable } from "./numbers";
import { barOptions } from "./plot-bar";
import { renderFrames } from "./plot-frames";
import { heatLegend, heatOptions } from "./plot-heat";
import { dotOptions, isLone, lineOptions, lookOf } from "./plot-line";
import { shows } from "./plot-parts";
import { look } from "./series-look";
import { svg } from "./svg";

/** Widths in CSS pixels: the page's column, and what a phone of 375 leaves. */
const WIDE = 800;
const NARROW = 340;
const SWATCH = { width: 30, height: 14 };

export interface FigureOptions {
  /** "half": stands beside another figure on wide screens. */
  readonly width?: "full" | "half";
}

/** @throws Error for a heat map whose values are not rows x columns */
export function renderFigure({ title, caption, plot }: Figure, { width = "full" }: FigureOptions = {}): Html {
  checkHeat(title, plot);
  const hidden = hiddenPoints(plot);
  const images =
    plot.kind === "frames"
      ? renderFrames(plot, title)
      : plot.kind === "attention"
        ? renderAttention(plot)
        : width === "half"
          ? draw(plot, { width: 380, height: 230 }, title)
          : [
              html`<div class="wide">${draw(plot, { width: WIDE, height: 380 }, title)}</div>`,
              html`<div class="narrow">${draw(plot, { width: NARROW, height: 280 }, title)}</div>`,
            ];
  return html`<figure>
<h3>${title}</h3>
${legend(plot, title)}
${images}
<figcaption>${caption}${hidden > 0 && ` ${plural(hidden, "point")} not shown: not a finite number${hasLog(plot) && ", or not above 0 on a logarithmic axis"}.`}</figcaption>
${numbersTable(plot)}
</figure>
`;
}

function draw(
  plot: Exclude<PlotSpec, FramesPlot | AttentionPlot>,
  size: { width: number; height: number },
  label: string,
): Html {
  switch (plot.kind) {
    case "line":
      return svg(lineOptions(plot, size), label);
    case "dot":
      return svg(dotOptions(plot, size), label);
    case "bar":
      return svg(barOptions(plot, size.width), label);
    case "heat":
      return svg(heatOptions(plot, Math.min(size.width, 640)), label);
    default:
      return plot satisfies never;
  }
}

function legend(plot: PlotSpec, title: string): Content {
  if (plot.kind === "heat") {
    const { stops, low, high } = heatLegend(plot);
    // Stops are colours that Plot computed.
    const ramp = trusted(stops.join(","));
    return html`<p class="legend"><span>${plot.value.label}: ${short(low)} <span class="ramp" style="background:linear-gradient(90deg,${ramp})"></span> ${short(high)}</span></p>`;
  }
  if (plot.kind === "frames") {
    const [low, high] = plot.value.domain;
    return html`<p class="legend"><span>${plot.value.label}: ${short(low)} <span class="ramp weights"></span> ${short(high)}</span> <span>rows: ${plot.y}, columns: ${plot.x}</span></p>`;
  }
  if (plot.kind === "bar" || plot.kind === "attention") return undefined;
  const entries =
    plot.kind === "line"
      ? plot.series.map((series, index) => ({
          name: series.name,
          swatch: lineSwatch(series, lookOf(plot.series, index), isLone(series, plot)),
        }))
      : plot.groups.map(({ name }, index) => ({ name, swatch: pointSwatch(index) }));
  // One series may be named already, by words of the title or beside its axis.
  const told = ` ${title} ${plot.y.label} `.toLowerCase();
  if (entries.length === 0 || (entries.length === 1 && told.includes(` ${entries[0]!.name.toLowerCase()} `)))
    return undefined;
  return html`<ul class="legend">${entries.map(({ name, swatch }) => html`<li>${swatch} ${name}</li>`)}</ul>`;
}

function lineSwatch({ look: style }: LinePlot["series"][number], index: number, lone: boolean): Html {
  if (style === "points" || lone) return pointSwatch(index, { hollow: lone });
  const { colour, dash } = look(index);
  const stroke =
    style === "faint" ? { stroke: "var(--faint)", strokeWidth: 1 } : { stroke: colour, strokeWidth: 2.25 };
  const dashes = style === "faint" || dash === "none" ? {} : { strokeDasharray: dash };
  return swatch(
    Plot.line(
      [
        [0, 0],
        [1, 0],
      ],
      { ...stroke, ...dashes },
    ),
  );
}

function pointSwatch(index: number, { hollow = false } = {}): Html {
  const { colour, symbol } = look(index);
  const paint = hollow
    ? { fill: "none", stroke: colour, strokeWidth: 2, r: 3.5 } // the stroke stands out beyond it
    : { fill: colour, r: 4.5 };
  return swatch(Plot.dot([[0.5, 0]], { ...paint, symbol }));
}

function swatch(mark: Plot.Markish): Html {
  return svg(
    { ...SWATCH, margin: 1, axis: null, x: { domain: [0, 1] }, y: { domain: [-1, 1] }, marks: [mark] },
    "",
  );
}

function hasLog(plot: PlotSpec): boolean {
  return axesOf(plot).some(({ log }) => log === true);
}

function axesOf(plot: PlotSpec): readonly Axis[] {
  if (plot.kind === "heat" || plot.kind === "frames" || plot.kind === "attention") return [];
  return plot.kind === "bar" ? [plot.value] : [plot.x, plot.y];
}

/** How many points have no place on their axes. */
function hiddenPoints(plot: PlotSpec): number {
  if (plot.kind === "heat" || plot.kind === "frames" || plot.kind === "attention") return 0;
  if (plot.kind === "bar") return plot.bars.filter(({ value }) => !shows(value, plot.value)).length;
  const points =
    plot.kind === "line"
      ? plot.series.flatMap((one) => one.points)
      : plot.groups.flatMap((one) => one.points);
  return points.filter(({ x, y }) => !shows(x, plot.x) || !shows(y, plot.y)).length;
}

function checkHeat(title: string, plot: PlotSpec): void {
  if (plot.kind !== "heat") return;
  const { rows, columns, values } = plot;
  if (values.length === rows.length && values.every((row) => row.length === columns.length)) return;
  throw new Error(
    `figure "${title}": values must be ${rows.length} rows of ${columns.length}, got ${values.length} rows of ${[...new Set(values.map((row) => row.length))].join(", ")}`,
  );
}
