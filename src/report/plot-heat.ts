// A matrix as coloured cells, and the colours as stops of a legend.
import * as Plot from "@observablehq/plot";
import type { Cell, HeatPlot } from "../experiments/figure";
import { short } from "./format";
import { FONT_SIZE, frame, LETTER } from "./plot-parts";

/** Cells beyond this get no tooltip: they would be most of the file. */
const TOLD_CELLS = 1200;
const LEGEND_STOPS = 9;
/** Room for a label that stands, in pixels; what is longer runs on under the name of the axis. */
const LONGEST_LABEL = 140;
/** Labels of so many letters lie flat, some left out; longer ones stand. */
const MOST_ACROSS = 3;
/** Blue, white, orange: told apart with every kind of colour vision. */
const DIVERGING = ["#0072b2", "#f7f7f7", "#d55e00"];

export function heatOptions(plot: HeatPlot, width: number): Plot.PlotOptions {
  const { columns, rows, values } = plot;
  const cells = values.flatMap((row, i) => row.map((value, j) => ({ i, j, value })));
  const marginLeft = Math.min(
    Math.max(...rows.map((name) => name.length), 1) * LETTER + 30,
    Math.round(width * 0.4),
  );
  const side = Math.min((width - marginLeft - 14) / columns.length, 44);
  const drawn = {
    width: Math.round(marginLeft + 14 + side * columns.length),
    height: Math.round(side * rows.length),
  };
  const longest = Math.max(...columns.map((name) => name.length), 1) * LETTER;
  // Labels stand upright where they would touch, and only some are written where even that is too close.
  const upright = longest > Math.max(side - 4, MOST_ACROSS * LETTER);
  const labelWidth = upright ? FONT_SIZE + 2 : longest + 6;
  const marginBottom = (upright ? Math.min(longest, LONGEST_LABEL) : FONT_SIZE) + 34;
  return {
    ...frame({ width: drawn.width, height: drawn.height + 30 + marginBottom }),
    marginLeft,
    marginTop: 30,
    marginBottom,
    x: { type: "band", domain: columns.map((_, j) => j), padding: 0, label: plot.x },
    y: { type: "band", domain: rows.map((_, i) => i), padding: 0, label: plot.y },
    color: colours(plot),
    marks: [
      Plot.axisX(every(columns.length, labelWidth / side), {
        tickFormat: (j: number) => columns[j]!,
        tickSize: 0,
        tickRotate: upright ? -90 : 0,
        label: plot.x,
        labelArrow: "none",
        labelAnchor: "right",
      }),
      Plot.axisY(every(rows.length, (FONT_SIZE + 2) / side), {
        tickFormat: (i: number) => rows[i]!,
        tickSize: 0,
        label: plot.y,
        labelArrow: "none",
        labelAnchor: "top",
      }),
      Plot.cell(cells, {
        x: "j",
        y: "i",
        inset: 0,
        fill: ({ value }) => value,
        shapeRendering: "crispEdges",
        ...(cells.length <= TOLD_CELLS
          ? {
              title: ({ i, j, value }) =>
                `${rows[i]} ${columns[j]}: ${value === null ? "none" : short(value)}`,
            }
          : {}),
      }),
      Plot.dot(plot.ringed ?? [], { ...marked(side), fill: "none", stroke: "white", strokeWidth: 2 }),
      Plot.dot(plot.ringed ?? [], { ...marked(side), fill: "none", stroke: "black", strokeWidth: 1 }),
      Plot.dot(plot.dotted ?? [], { ...marked(side / 2), fill: "white", stroke: "black", strokeWidth: 1 }),
    ],
  };
}

function marked(side: number) {
  return { y: ([row]: Cell) => row, x: ([, column]: Cell) => column, r: Math.max(2, side * 0.36) };
}

/** The colours from the lowest to the highest value, and these two values. */
export function heatLegend(plot: HeatPlot): { stops: readonly string[]; low: number; high: number } {
  const [low, high] = domainOf(plot);
  const scale = Plot.scale({ color: colours(plot) });
  const stops = Array.from({ length: LEGEND_STOPS }, (_, index) =>
    String(scale.apply(low + ((high - low) * index) / (LEGEND_STOPS - 1))),
  );
  return { stops, low, high };
}

function colours(plot: HeatPlot): Plot.ScaleOptions {
  const [low, high] = domainOf(plot);
  const common = { type: "linear", unknown: "var(--missing)", clamp: true, label: plot.value.label } as const;
  return plot.value.diverging
    ? { ...common, domain: [low, (low + high) / 2, high], range: DIVERGING, interpolate: "rgb" }
    : { ...common, domain: [low, high], scheme: "viridis" };
}

/** Lowest and highest value; around 0 where the scale diverges. Never empty. */
function domainOf({ values, value: { domain, diverging } }: HeatPlot): [number, number] {
  if (domain) return [domain[0], domain[1]];
  const finite = values.flat().filter((value) => value !== null && Number.isFinite(value));
  const [low, high] = finite.reduce<[number, number]>(
    ([least, most], value) => [Math.min(least, value ?? least), Math.max(most, value ?? most)],
    [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  );
  if (!(low <= high)) return diverging ? [-1, 1] : [0, 1];
  const reach = Math.max(Math.abs(low), Math.abs(high)) || 1;
  if (diverging) return [-reach, reach];
  return low === high ? [low - 0.5, high + 0.5] : [low, high];
}

/** Indices whose labels do not touch, where one label covers `cells` cells. */
function every(length: number, cells: number): number[] {
  const stride = Math.ceil(cells);
  return Array.from({ length: Math.ceil(length / stride) }, (_, index) => index * stride);
}
