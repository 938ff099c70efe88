// Curves with bands, and dots: the two kinds of plot with a number on each axis.
import * as Plot from "@observablehq/plot";
import type { Axis, DotPlot, LinePlot, Point, Series } from "../experiments/figure";
import { short } from "./format";
import {
  axisMarks,
  type Extent,
  frame,
  LETTER,
  marginTop,
  referenceMarks,
  type Size,
  scaleOf,
  shows,
  spanMarks,
} from "./plot-parts";
import { extremes, thin } from "./series";
import { look } from "./series-look";

/** More points than this on one curve cannot be told apart. */
const CURVE_POINTS = 800;
const SYMBOL_RADIUS = 4;

/** The number by which a series gets its colour: its own place, or that of the series it is like. */
export function lookOf(series: readonly Series[], index: number): number {
  const like = series[index]!.like;
  const other = like === undefined ? -1 : series.findIndex(({ name }) => name === like);
  return other < 0 ? index : other;
}

/** Room for half of the last number under the x axis, in pixels. */
const LAST_TICK = 24;

export function lineOptions(plot: LinePlot, size: Size): Plot.PlotOptions {
  const { x, y, series, references = [], spans = [] } = plot;
  return {
    ...frame(size),
    marginTop: marginTop(references),
    marginRight: LAST_TICK,
    x: scaleOf(x),
    y: { ...scaleOf(y), nice: !y.domain && !y.log },
    marks: [
      ...spanMarks(spans, references),
      ...axisMarks(x, y, size, extentOf(series)),
      ...series.flatMap((one, index) => bandMarks(one, lookOf(series, index), plot)),
      ...referenceMarks(references, x, size, extentOf(series)),
      // Raw values lie behind everything that is made from them.
      ...[true, false].flatMap((faint) =>
        series.flatMap((one, index) =>
          (one.look === "faint") === faint ? seriesMarks(one, lookOf(series, index), plot) : [],
        ),
      ),
    ],
  };
}

export function dotOptions(plot: DotPlot, size: Size): Plot.PlotOptions {
  const { x, y, groups, references = [], diagonal } = plot;
  const visible = groups.map(({ points }) => points.filter((dot) => shows(dot.x, x) && shows(dot.y, y)));
  return {
    ...frame(size),
    marginTop: marginTop(references),
    x: { ...scaleOf(x), nice: !x.domain && !x.log },
    y: { ...scaleOf(y), nice: !y.domain && !y.log },
    marks: [
      ...axisMarks(x, y, size, extentOf(groups)),
      ...(diagonal ? diagonalMarks(visible.flat(), diagonal) : []),
      ...referenceMarks(references, x, size, extentOf(groups)),
      ...visible.flatMap((points, index) => [
        dotMark(points, index, groups[index]!.name),
        Plot.text(
          points.filter(({ label }) => label),
          {
            x: "x",
            y: "y",
            text: "label",
            textAnchor: "start",
            dx: 8,
            stroke: "var(--bg)",
            strokeWidth: 4,
            fill: "var(--ink)",
          },
        ),
      ]),
    ],
  };
}

function extentOf(series: readonly { readonly points: readonly { x: number; y: number }[] }[]): Extent {
  const points = series.flatMap((one) => one.points);
  return { x: points.map(({ x }) => x), y: points.map(({ y }) => y) };
}

/** The point with NaN for what its axes cannot show, so that the curve has a gap there. */
function gapped(points: readonly Point[], x: Axis, y: Axis): Point[] {
  return points
    .filter((point) => shows(point.x, x))
    .map((point) => (shows(point.y, y) ? point : { x: point.x, y: Number.NaN }));
}

function bandMarks({ points }: Series, index: number, { x, y }: LinePlot): Plot.Markish[] {
  const band = points.filter(
    ({ x: at, low, high }) => shows(at, x) && low !== undefined && high !== undefined && shows(high, y),
  );
  if (band.length === 0) return [];
  // The lower end of an interval may lie below what a log axis has; the band then ends at the point.
  const low = (point: Point) => (point.low !== undefined && shows(point.low, y) ? point.low : point.y);
  const fill = look(index).colour;
  // An axis that was chosen, like shares from 0 to 1, cuts what lies beyond.
  const [least, most] = y.domain ?? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  const cut = (value: number) => Math.min(Math.max(value, least), most);
  const ends = {
    x: "x",
    y1: (point: Point) => cut(low(point)),
    y2: ({ high, y: at }: Point) => cut(high ?? at),
  };
  if (band.length === 1) return [Plot.ruleX(band, { ...ends, stroke: fill, strokeWidth: 2 })];
  return [Plot.areaY(band, { ...ends, fill, fillOpacity: 0.2 })];
}

function seriesMarks(series: Series, index: number, plot: LinePlot): Plot.Markish[] {
  const { name, points, look: style = "line" } = series;
  const shown = gapped(points, plot.x, plot.y);
  const finite = shown.filter((point) => Number.isFinite(point.y));
  if (style === "points") return [dotMark(finite, index, name)];
  if (isLone(series, plot)) return [dotMark(finite, index, name, { hollow: true })];
  const { colour, dash } = look(index);
  const faint = style === "faint";
  return [
    Plot.lineY(finite.length > CURVE_POINTS ? thin(finite, CURVE_POINTS) : shown, {
      x: "x",
      y: "y",
      stroke: faint ? "var(--faint)" : colour,
      strokeWidth: faint ? 1 : 2.25,
      ...(faint || dash === "none" ? {} : { strokeDasharray: dash }),
    }),
  ];
}

/** Whether a curve has one point only, which is drawn hollow: full ones are of series that are points by nature. */
export function isLone({ points, look: style }: Series, { x, y }: LinePlot): boolean {
  return style !== "points" && points.filter((point) => shows(point.x, x) && shows(point.y, y)).length === 1;
}

function dotMark(
  points: readonly { x: number; y: number; label?: string }[],
  index: number,
  name: string,
  { hollow = false } = {},
): Plot.Markish {
  const { colour, symbol } = look(index);
  return Plot.dot(points, {
    x: "x",
    y: "y",
    symbol,
    r: SYMBOL_RADIUS,
    ...(hollow
      ? { fill: "none", stroke: colour, strokeWidth: 2, pointerEvents: "all" }
      : { fill: colour, stroke: "var(--bg)", strokeWidth: 1 }),
    title: (point) => `${point.label ?? name}: ${short(point.x)}, ${short(point.y)}`,
  });
}

function diagonalMarks(points: readonly { x: number; y: number }[], label: string): Plot.Markish[] {
  if (points.length === 0) return [];
  const ends = extremes(points.flatMap(({ x, y }) => [x, y])).map((value) => ({ x: value, y: value, label }));
  return [
    Plot.line(ends, { x: "x", y: "y", stroke: "var(--reference)", strokeWidth: 1.5, strokeDasharray: "5 4" }),
    Plot.text(ends.slice(1), {
      x: "x",
      y: "y",
      text: "label",
      textAnchor: "end",
      dx: -LETTER,
      dy: -LETTER,
      fontWeight: 600,
      fill: "var(--ink)",
      stroke: "var(--bg)",
      strokeWidth: 4,
    }),
  ];
}
