// What plots of all kinds share: frame, axes, reference lines, and which points can be shown.
import * as Plot from "@observablehq/plot";
import type { Axis, Reference } from "../experiments/figure";

/** Sizes in CSS pixels of an image that is not scaled. Type that size reads well on a phone. */
export const FONT_SIZE = 13;
/** Average width of a letter at that size. */
export const LETTER = 7;
export const LABEL_GAP = 8;

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** What every image has: its size, room for labels, and type that is large enough. */
export function frame({ width, height }: Size): Plot.PlotOptions {
  return {
    width,
    height,
    marginTop: 26,
    marginRight: 14,
    marginBottom: 40,
    marginLeft: 52,
    style: { fontSize: `${FONT_SIZE}px`, overflow: "visible" },
  };
}

export function scaleOf({ label, log, domain }: Axis): Plot.ScaleOptions {
  return {
    label,
    labelArrow: "none",
    ...(log ? { type: "log" } : { type: "linear" }),
    ...(domain ? { domain: [...domain] } : {}),
  };
}

/** Few ticks: on a log axis every digit would be labelled, and on a phone labels would touch. */
export function axisMarks(x: Axis, y: Axis, { width, height }: Size): Plot.Markish[] {
  const ticks = (pixels: number, { log }: Axis) => Math.max(2, Math.round(pixels / (log ? 110 : 80)));
  return [
    Plot.gridY({ ticks: Math.max(3, Math.round(height / 60)), stroke: "var(--grid)", strokeOpacity: 1 }),
    Plot.axisY({
      ticks: Math.max(3, Math.round(height / 60)),
      tickSize: 0,
      label: y.label,
      labelArrow: "none",
    }),
    Plot.axisX({
      ticks: ticks(width, x),
      label: x.label,
      labelArrow: "none",
      labelAnchor: "right",
      tickSize: 4,
    }),
  ];
}

/** Dashed lines with their names along them: horizontal ones at the right end, vertical ones at the top. */
export function referenceMarks(references: readonly Reference[]): Plot.Markish[] {
  const horizontal = references.filter(({ axis }) => axis !== "x").toSorted((a, b) => b.value - a.value);
  const vertical = references.filter(({ axis }) => axis === "x");
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
        textAnchor: "start",
        dx: 5,
        dy: 4,
        ...text,
      }),
    ),
  ];
}

/** Whether a value has a place on the axis. */
export function shows(value: number, { log }: Axis): boolean {
  return Number.isFinite(value) && (!log || value > 0);
}
