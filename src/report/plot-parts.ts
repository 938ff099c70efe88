// What plots of all kinds share: frame, axes, reference lines, and which points can be shown.
import * as Plot from "@observablehq/plot";
import type { Axis, Reference, Span } from "../experiments/figure";
import { short } from "./format";
import { extremes } from "./series";

/** Sizes in CSS pixels of an image that is not scaled. Type that size reads well on a phone. */
export const FONT_SIZE = 13;
/** Average width of a letter at that size. */
export const LETTER = 7;
/** Capitals are wider, and so are m and w. */
const WIDE_LETTER = 10;
export const LABEL_GAP = 8;
const LABEL_ROW = 18;
/** Room for the label of the y axis. */
const MARGIN_TOP = 26;
const MARGIN_LEFT = 56;
const MARGIN_RIGHT = 14;

/** About how wide a label is, in pixels; rather more than less, or it would be cut. */
export function labelWidth(label: string): number {
  const wide = label.match(/[A-ZÄÖÜmw@%]/g)?.length ?? 0;
  return LETTER * label.length + (WIDE_LETTER - LETTER) * wide;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** What every image has: its size, room for labels, and type that is large enough. */
export function frame({ width, height }: Size): Plot.PlotOptions {
  return {
    width,
    height,
    marginTop: MARGIN_TOP,
    marginRight: MARGIN_RIGHT,
    marginBottom: 40,
    marginLeft: MARGIN_LEFT,
    style: { fontSize: `${FONT_SIZE}px`, overflow: "visible" },
  };
}

/** With a row for the names of vertical lines where there are any. */
export function marginTop(references: readonly Reference[]): number {
  return MARGIN_TOP + (references.some(isNamedVertical) ? LABEL_ROW : 0);
}

function isNamedVertical({ axis, label }: Reference): boolean {
  return axis === "x" && label !== "";
}

export function scaleOf({ label, log, domain }: Axis): Plot.ScaleOptions {
  return {
    label,
    labelArrow: "none",
    ...(log ? { type: "log" } : { type: "linear" }),
    ...(domain ? { domain: [...domain] } : {}),
  };
}

/** The values on an axis, where its kind needs them for ticks. */
export interface Extent {
  readonly x: readonly number[];
  readonly y: readonly number[];
}

export function axisMarks(x: Axis, y: Axis, { width, height }: Size, extent: Extent): Plot.Markish[] {
  const across = chosenTicks(x, extent.x, Math.max(2, Math.round(width / 80)));
  const up = ticks(y, extent.y, Math.max(3, Math.round(height / 60)));
  return [
    Plot.gridY({ ticks: up, stroke: "var(--grid)", strokeOpacity: 1 }),
    Plot.axisY({ ticks: up, ...tickText(y, extent.y), tickSize: 0, label: y.label, labelArrow: "none" }),
    Plot.axisX({
      ticks: across,
      // Ticks that were chosen are written as they are: 1, not 1.0.
      ...(Array.isArray(across) ? { tickFormat: (value: number) => short(value) } : tickText(x, extent.x)),
      label: x.label,
      labelArrow: "none",
      labelAnchor: "right",
      tickSize: 4,
    }),
  ];
}

/** Log axes would get prefixes like 200m for numbers, and an axis of one value six decimals. */
export function tickText(
  { log }: Axis,
  values: readonly number[],
): { tickFormat?: (value: number) => string } {
  return log || new Set(values).size === 1 ? { tickFormat: (value) => short(value) } : {};
}

/** Of an axis that was chosen, not measured, like a width doubled each time: where the data are few, they are the ticks. */
function chosenTicks(axis: Axis, values: readonly number[], most: number): number | number[] {
  const places = [...new Set(values.filter((value) => shows(value, axis)))];
  if (axis.log && places.length > 0 && places.length <= most) return places;
  return wholeTicks(axis, places, most) ?? ticks(axis, values, most);
}

/** Every whole number where there are no others and not too many: half a layer is none. */
function wholeTicks({ log, domain }: Axis, values: readonly number[], most: number): number[] | undefined {
  if (log || values.length < 2 || !values.every(Number.isInteger)) return undefined;
  const [least, greatest] = domain ?? extremes(values);
  const [low, high] = [Math.ceil(least), Math.floor(greatest)];
  return high - low < most ? Array.from({ length: high - low + 1 }, (_, index) => low + index) : undefined;
}

/** How many ticks, or which: on a log axis powers of ten, with 2 and 5 where there is room. */
export function ticks({ log, domain }: Axis, values: readonly number[], most: number): number | number[] {
  if (!log) return most;
  const shown = values.filter((value) => value > 0 && Number.isFinite(value)).sort((a, b) => a - b);
  const low = domain?.[0] ?? shown[0] ?? 1;
  const high = domain?.[1] ?? shown.at(-1) ?? 10;
  const decades: number[] = [];
  // Powers of ten as they are written: 1e-3, not 10 * 1e-4 with its rounding.
  for (let power = -12; power <= 15; power++) decades.push(Number(`1e${power}`));
  const inside = (value: number) => value >= low / 1.001 && value <= high * 1.001;
  const fine = decades.flatMap((value) => [value, 2 * value, 5 * value]).filter(inside);
  if (fine.length < 2) return evenTicks(low, high, most);
  if (fine.length <= most + 2) return fine;
  const coarse = decades.filter(inside);
  const stride = Math.ceil(coarse.length / (most + 2));
  return coarse.filter((_, index) => index % stride === 0);
}

/** For less than a decade: multiples of 1, 2 or 5 times a power of ten, at most about `most`. */
function evenTicks(low: number, high: number, most: number): number[] {
  if (!(low < high)) return [low];
  const steps = Array.from({ length: 30 }, (_, power) =>
    ["1", "2", "5"].map((digit) => Number(`${digit}e${power - 15}`)),
  );
  const step = steps.flat().find((size) => (high - low) / size <= most) ?? high - low;
  const first = Math.ceil(low / step);
  return Array.from({ length: Math.floor(high / step) - first + 1 }, (_, index) => (first + index) * step);
}

/** Dashed lines with their names: horizontal ones along them at the right end, vertical ones above the frame, where no curve runs. */
export function referenceMarks(
  references: readonly Reference[],
  x: Axis,
  { width }: Size,
  extent: Extent,
): Plot.Markish[] {
  const horizontal = references.filter(({ axis }) => axis !== "x").toSorted((a, b) => b.value - a.value);
  const vertical = references.filter(({ axis }) => axis === "x");
  const shown = [...extent.x, ...vertical.map(({ value }) => value)].filter((value) => shows(value, x));
  const part = along(x, shown);
  const line = { stroke: "var(--reference)", strokeWidth: 1.5, strokeDasharray: "5 4" };
  const text = { fill: "var(--ink)", stroke: "var(--bg)", strokeWidth: 4, fontWeight: 600 };
  return [
    Plot.ruleY(horizontal, { y: "value", ...line }),
    Plot.ruleX(vertical, { x: "value", ...line }),
    // The highest is named above its line, the others below theirs, so that neighbours do not write over each other.
    ...horizontal.map((reference, index) =>
      Plot.text([reference], {
        y: "value",
        text: "label",
        frameAnchor: "right",
        textAnchor: "end",
        dx: -4,
        dy: index === 0 ? -LABEL_GAP - 1 : LABEL_GAP + 1,
        ...text,
      }),
    ),
    ...vertical.map((reference) =>
      Plot.text([reference], {
        x: "value",
        text: "label",
        frameAnchor: "top",
        lineAnchor: "bottom",
        dy: -LABEL_GAP,
        textAnchor: anchorOf(reference, part(reference.value), width),
        ...text,
      }),
    ),
  ];
}

/** How far a value stands from the left end of the axis, as a part of it. */
function along({ log, domain }: Axis, values: readonly number[]): (value: number) => number {
  const place = log ? Math.log : Number;
  const [least, greatest] = domain ?? extremes(values);
  const [low, high] = [place(least), place(greatest)];
  return (value) => (low < high ? (place(value) - low) / (high - low) : 0.5);
}

/** In the middle over its line, unless it would reach the numbers of the y axis or leave the image. */
function anchorOf({ label }: Reference, part: number, width: number): "start" | "middle" | "end" {
  const at = part * (width - MARGIN_LEFT - MARGIN_RIGHT);
  const half = labelWidth(label) / 2;
  if (at < half) return "start";
  return at + half > width - MARGIN_LEFT ? "end" : "middle";
}

/** Grey stretches of the x axis, under everything else, named above the names of lines. */
export function spanMarks(spans: readonly Span[], references: readonly Reference[]): Plot.Markish[] {
  return [
    Plot.rect(spans, { x1: "from", x2: "to", fill: "var(--faint)", fillOpacity: 0.3 }),
    Plot.text(spans, {
      x: ({ from, to }: Span) => (from + to) / 2,
      text: "label",
      frameAnchor: "top",
      dy: MARGIN_TOP - marginTop(references) - LABEL_GAP - 4,
      fill: "var(--soft)",
    }),
  ];
}

/** Whether a value has a place on the axis. */
export function shows(value: number, { log }: Axis): boolean {
  return Number.isFinite(value) && (!log || value > 0);
}
