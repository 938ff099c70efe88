// The live charts of a run: loss with its floors, attention entropy and induction score of every head.
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { smooth } from "../../report/series";
import { look as seriesLook } from "../../report/series-look";
import type { Look } from "./protocol";
import type { ShownRun } from "./state";

const HEIGHT = 240;
/** Of a run's steps. Each is three points at most: together a few for each pixel of a wide chart. */
const STRETCHES = 600;
/** So many steps can be drawn raw: smoothing them would only hide. */
const FEW_STEPS = 40;
const GAP = 8;
/** More lines than these are told apart by layer only, and have no legend. */
const MOST_NAMED = 8;

/** Draws one of the charts, if it is another than before. */
export type DrawChart = (run: ShownRun) => void;

interface Line {
  readonly name: string;
  readonly colour: string;
  readonly dash?: readonly number[];
  readonly kind?: "points" | "faint";
  readonly values: ReadonlyMap<number, number>;
}

/** @param roots an element for each chart */
export function charts(roots: Readonly<Record<"loss" | "entropy" | "induction", HTMLElement>>): DrawChart[] {
  const loss = chart(roots.loss, "nats per token");
  const entropy = chart(roots.entropy, "nats", atLeast(0.1));
  const induction = chart(roots.induction, "share", [0, 1]);
  return [
    onChange(
      ({ facts, losses, looks }) => [facts, losses, losses.version, looks],
      (run) => loss(lossLines(run)),
    ),
    onChange(
      ({ looks }) => [looks],
      ({ looks }) => induction(headLines(looks, (head) => head.induction)),
    ),
    onChange(
      ({ looks }) => [looks],
      ({ looks }) => entropy(headLines(looks, (head) => head.entropy)),
    ),
  ];
}

/** @param of what the chart is drawn from */
function onChange(of: (run: ShownRun) => readonly unknown[], draw: DrawChart): DrawChart {
  let drawn: readonly unknown[] = [];
  return (run) => {
    const now = of(run);
    if (drawn.length > 0 && now.every((part, index) => part === drawn[index])) return;
    drawn = now;
    draw(run);
  };
}

function lossLines({ facts: { floors, steps }, losses, looks }: ShownRun): Line[] {
  const stretches = losses.stretches(STRETCHES);
  const means = stretches.map(({ mean }) => mean);
  const window = 2 * Math.max(2, Math.round(means.length / 80)) + 1;
  const smoothed = means.length > FEW_STEPS ? smooth(means, window) : means;
  const heldOut = looks.flatMap(({ step, heldOut }): [number, number][] =>
    heldOut === undefined ? [] : [[step, heldOut]],
  );
  const level = (value: number) => new Map([0, steps].map((step) => [step, value]));
  return [
    {
      name: "every step",
      colour: "--faint",
      kind: "faint",
      values: new Map(stretches.flatMap(({ low, high }) => [low, high]).map(({ x, y }) => [x, y])),
    },
    { name: "training", colour: "--c1", values: new Map(smoothed.map(({ x, y }) => [x, y])) },
    { name: "held-out", colour: "--c2", kind: "points", values: new Map(heldOut) },
    { name: "unigram floor", colour: "--reference", dash: [2, 4], values: level(floors.unigram) },
    { name: "bigram floor", colour: "--reference", dash: [8, 4], values: level(floors.bigram) },
  ];
}

function headLines(looks: readonly Look[], value: (head: Look["heads"][number]) => number): Line[] {
  const names = [...new Set(looks.flatMap(({ heads }) => heads.map(({ name }) => name)))];
  const layers = [...new Set(names.map(layerOf))];
  return names.map((name, index) => {
    const { colour, dash } = seriesLook(names.length > MOST_NAMED ? layers.indexOf(layerOf(name)) : index);
    const values = looks.flatMap(({ step, heads }): [number, number][] => {
      const head = heads.find((head) => head.name === name);
      return head ? [[step, value(head)]] : [];
    });
    return {
      name,
      colour: colour.slice("var(".length, -1),
      ...(dash !== "none" && { dash: dash.split(" ").map(Number) }),
      values: new Map(values),
    };
  });
}

/** A range of at least this span, around what there is: less would be a picture of rounding. */
function atLeast(span: number): uPlot.Scale.Range {
  return (_, low, high) => {
    const margin = Math.max(0.05 * (high - low), (span - (high - low)) / 2);
    return [low - margin, high + margin];
  };
}

function layerOf(head: string): string {
  return head.slice(0, head.indexOf("H"));
}

/** A chart that is made anew when its lines are others. */
function chart(root: HTMLElement, label: string, range?: uPlot.Scale.Range) {
  let plot: uPlot | undefined;
  let names = "";
  let drawn: readonly Line[] = [];
  const css = (name: string) => getComputedStyle(root).getPropertyValue(name).trim();
  const axis = (title: string): uPlot.Axis => ({
    label: title,
    stroke: () => css("--soft"),
    grid: { stroke: () => css("--grid"), width: 1 },
    ticks: { stroke: () => css("--edge"), width: 1 },
    font: `12px ${css("font-family") || "system-ui"}`,
    labelFont: "12px system-ui",
    labelSize: 18,
  });
  const width = () => Math.max(200, root.clientWidth);
  const make = (lines: readonly Line[], data: uPlot.AlignedData) =>
    new uPlot(
      {
        width: width(),
        height: HEIGHT,
        scales: { x: { time: false }, ...(range && { y: { range } }) },
        axes: [
          { ...axis("step"), size: 40 },
          { ...axis(label), size: 50 },
        ],
        series: [
          { label: "step", value: (_, step) => (step === null ? "" : String(step)) },
          ...lines.map((line) => series(line, css)),
        ],
        legend: {
          show: lines.length <= MOST_NAMED,
          markers: { dash: (_, index) => borderStyle(lines[index - 1]) },
        },
        cursor: { drag: { x: false, y: false } },
      },
      data,
      root,
    );
  const fit = () => {
    if (plot && plot.width !== width()) plot.setSize({ width: width(), height: HEIGHT });
  };
  // In the next frame: a legend that wraps makes the root higher, which is no news of this one any more.
  new ResizeObserver(() => requestAnimationFrame(fit)).observe(root);
  const draw = (lines: readonly Line[]) => {
    drawn = lines;
    const steps = [...new Set(lines.flatMap(({ values }) => [...values.keys()]))].sort((a, b) => a - b);
    const data: uPlot.AlignedData = [
      steps,
      ...lines.map(({ values }) => steps.map((step) => values.get(step))), // holes are not drawn
    ];
    const wanted = lines.map(({ name }) => name).join();
    if (plot && wanted === names) return plot.setData(data);
    plot?.destroy();
    plot = lines.length > 0 ? make(lines, data) : undefined;
    names = wanted;
  };
  // The legend keeps the colours that it was made with.
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    names = "";
    draw(drawn);
  });
  return draw;
}

/** The line's dashes, as the frame of a legend can have them. */
function borderStyle(line: Line | undefined): string {
  const [stroke] = line?.dash ?? [];
  return stroke === undefined ? "solid" : stroke <= 2 ? "dotted" : "dashed";
}

function series({ name, colour, dash, kind }: Line, css: (name: string) => string): uPlot.Series {
  return {
    label: name,
    stroke: () => css(colour),
    width: kind === "faint" ? 1 : kind === "points" ? 0 : 2,
    spanGaps: true,
    ...(dash && { dash: [...dash] }),
    points: kind === "points" ? { show: true, size: GAP, fill: () => css(colour) } : { show: false },
    value: (_, value) => (value === null || value === undefined ? "" : value.toFixed(3)),
  };
}
