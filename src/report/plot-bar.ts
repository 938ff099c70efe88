// Horizontal bars with whiskers and their values written out.
import * as Plot from "@observablehq/plot";
import type { Bar, BarPlot } from "../experiments/figure";
import { short } from "./format";
import { FONT_SIZE, frame, labelWidth, scaleOf, shows, ticks, tickText } from "./plot-parts";
import { look } from "./series-look";

const BAR = 26;
const GROUP_TITLE = 26;

export function barOptions({ value, bars, references = [] }: BarPlot, width: number): Plot.PlotOptions {
  const groups = [...new Set(bars.map(({ group }) => group ?? ""))];
  const grouped = groups.some((group) => group !== "");
  const names = [...new Set(bars.map(({ name }) => name))];
  const visible = bars.filter((bar) => shows(bar.value, value));
  const longest = Math.max(0, ...names.map(labelWidth));
  const marginLeft = Math.min(longest + 16, Math.round(width * 0.42));
  const facet = grouped ? { fy: ({ group }: Bar) => group ?? "" } : {};
  const end = (bar: Bar) => Math.max(bar.value, bar.high ?? bar.value);
  const heightOfGroup = names.length * BAR + (grouped ? GROUP_TITLE : 0);
  const origin = value.log ? baseline(value.domain, visible) : 0;
  const marked = ticks(value, [origin, ...visible.map(end)], Math.max(2, Math.round(width / 140)));
  return {
    ...frame({ width, height: groups.length * heightOfGroup + 80 }),
    marginLeft,
    marginRight: 64, // room for the values
    x: { ...scaleOf(value), nice: !value.domain && !value.log },
    y: { domain: names, label: null, padding: 0.28 },
    ...(grouped ? { fy: { domain: groups, axis: null, padding: GROUP_TITLE / heightOfGroup } } : {}),
    marks: [
      Plot.gridX({ stroke: "var(--grid)", strokeOpacity: 1, ticks: marked }),
      Plot.axisY({
        tickSize: 0,
        label: null,
        lineWidth: (marginLeft - 12) / FONT_SIZE,
        textOverflow: "ellipsis",
      }),
      Plot.axisX({
        anchor: "bottom",
        ticks: marked,
        ...tickText(value, [origin, ...visible.map(end)]),
        label: value.label,
        labelArrow: "none",
      }),
      Plot.barX(visible, {
        ...facet,
        x1: origin,
        x2: "value",
        y: "name",
        fill: look(0).colour,
        title: (bar) => `${bar.name}: ${short(bar.value)}`,
      }),
      Plot.ruleY(
        visible.filter(({ low, high }) => low !== undefined && high !== undefined && shows(low, value)),
        {
          ...facet,
          x1: "low",
          x2: "high",
          y: "name",
          stroke: "var(--ink)",
          strokeWidth: 1.5,
        },
      ),
      Plot.text(visible, {
        ...facet,
        x: end,
        y: "name",
        text: (bar) => short(bar.value),
        textAnchor: "start",
        dx: 6,
        fill: "var(--ink)",
        stroke: "var(--bg)",
        strokeWidth: 4,
      }),
      ...(grouped ? [groupTitles(groups, marginLeft)] : []),
      Plot.ruleX(references, {
        x: "value",
        stroke: "var(--reference)",
        strokeWidth: 1.5,
        strokeDasharray: "5 4",
      }),
      Plot.text(references, {
        ...(grouped ? { fy: () => groups[0] } : {}),
        x: "value",
        text: "label",
        frameAnchor: "top",
        dy: -9,
        fontWeight: 600,
      }),
    ],
  };
}

/** A facet mark even without data would make every bar belong to a group: only for bars that have groups. */
function groupTitles(groups: readonly string[], marginLeft: number): Plot.Markish {
  return Plot.text(
    groups.map((group) => ({ group })),
    { fy: "group", text: "group", frameAnchor: "top-left", dy: -10, dx: -marginLeft + 4, fontWeight: 600 },
  );
}

/** Where bars on a log axis start: the power of ten below the least value. */
function baseline(domain: readonly [number, number] | undefined, bars: readonly Bar[]): number {
  if (domain) return domain[0];
  const least = Math.min(...bars.map(({ value }) => value));
  let power = 1;
  while (power > least) power /= 10;
  while (power * 10 < least) power *= 10;
  return power;
}
