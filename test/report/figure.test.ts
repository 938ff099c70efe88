// Figures of every kind hold the numbers that they were given, in the image and in the table.
import { parseHTML } from "linkedom";
import { describe, expect, test } from "vitest";
import type { Figure, PlotSpec } from "../../src/experiments/figure";
import { renderFigure } from "../../src/report/figure";
import { HOSTILE } from "./example";

function draw(plot: PlotSpec, given: Partial<Figure> = {}) {
  const text = renderFigure({ title: "A title", caption: "A caption.", plot, ...given }).text;
  const { document } = parseHTML(`<html><body>${text}</body></html>`);
  const cells = [...document.querySelectorAll("tbody tr")].map((row) =>
    [...row.children].map((cell) => cell.textContent),
  );
  return { document, cells, wide: document.querySelector(".wide")! };
}

/** Vertical place of each point of a path, larger is higher. */
function heights(path: Element): number[] {
  return [...path.getAttribute("d")!.matchAll(/[ML][^,]+,([^MLZ]+)/g)].map(([, y]) => -Number(y));
}

/** Whether places are the values under one increasing straight line. */
function expectProportional(places: readonly number[], values: readonly number[]): void {
  expect(places).toHaveLength(values.length);
  const slope = (places[1]! - places[0]!) / (values[1]! - values[0]!);
  expect(slope).toBeGreaterThan(0);
  places.forEach((place, index) => {
    expect(place).toBeCloseTo(places[0]! + slope * (values[index]! - values[0]!), 1);
  });
}

describe("line", () => {
  const ys = [5, 3, 4, 1.5];
  const plot: PlotSpec = {
    kind: "line",
    x: { label: "step" },
    y: { label: "nats" },
    series: [
      { name: "train", points: ys.map((y, x) => ({ x, y, low: y - 0.5, high: y + 0.5 })) },
      {
        name: "held-out",
        look: "points",
        points: [
          { x: 2, y: 4.25 },
          { x: 3, y: 2 },
        ],
      },
      { name: "raw", look: "faint", points: ys.map((y, x) => ({ x, y: y + 0.25 })) },
    ],
    references: [
      { value: 3.5, label: "unigram floor" },
      { value: 2, label: "trained length", axis: "x" },
    ],
    spans: [{ from: 1, to: 2, label: "change of phase" }],
  };

  test("an interval beyond an axis that was chosen ends with it", () => {
    const points = [0.9, 0.5, 0.1].map((y, x) => ({ x, y, low: y - 0.3, high: y + 0.3 }));
    const series = [{ name: "share", points }];
    const { wide } = draw({ ...plot, y: { label: "share", domain: [0, 1] }, series, spans: [] });
    const ends = [0.6, 0.2, 0, 0.4, 0.8, 1]; // low ones to the right, high ones back
    const corners = heights(wide.querySelector("[data-mark=area] path")!);
    const sorted = (values: readonly number[]) => [...values].sort((a, b) => a - b);
    expectProportional(sorted(corners), sorted(ends));
  });

  test("the symbols of all eight series are areas, which can be filled", () => {
    const series = Array.from({ length: 8 }, (_, i) => ({
      name: `series ${i}`,
      look: "points" as const,
      points: [{ x: i, y: i }],
    }));
    const { wide } = draw({ ...plot, series, spans: [] });
    const symbols = [...wide.querySelectorAll("[data-mark=dot] path")].map((path) => path.getAttribute("d"));
    expect(wide.querySelectorAll("[data-mark=dot] circle")).toHaveLength(1);
    expect(new Set(symbols).size).toBe(7);
    for (const d of symbols) expect(d).toMatch(/[Zz]$/);
  });

  test("draws values, bands, points and named references for both widths", () => {
    const { document, wide } = draw(plot);
    expect(document.querySelectorAll("svg[role=img]")).toHaveLength(2);
    const lines = [...wide.querySelectorAll("[data-mark=line] path")];
    expect(lines).toHaveLength(2); // the raw one behind
    for (const line of lines) expectProportional(heights(line), ys);
    expect(wide.querySelectorAll("[data-mark=area] path")).toHaveLength(1);
    expect([...wide.querySelectorAll("[data-mark=dot] title")].map((t) => t.textContent)).toEqual([
      "held-out: 2, 4.25",
      "held-out: 3, 2",
    ]);
    const labels = [...wide.querySelectorAll("[data-mark=text] text")].map((t) => t.textContent);
    expect(labels).toEqual(["change of phase", "unigram floor", "trained length"]);
    const span = wide.querySelector("[data-mark=rect] rect")!;
    const places = [...wide.querySelectorAll("[data-mark='x-axis tick'] path")].map((tick) =>
      Number(/translate\(([\d.]+),/.exec(tick.getAttribute("transform")!)![1]),
    );
    // From 1 to 2 of 0 .. 3: a third of the axis, from a third on.
    const third = (places.at(-1)! - places[0]!) / 3;
    expect(Number(span.getAttribute("width"))).toBeCloseTo(third, 0);
    expect(Number(span.getAttribute("x"))).toBeCloseTo(places[0]! + third, 0);
    expect([...document.querySelectorAll("ul.legend li")].map((li) => li.textContent.trim())).toEqual([
      "train",
      "held-out",
      "raw",
    ]);
  });

  test("a series that is like another has its colour, here and in the legend", () => {
    const points = [0, 1].map((x) => ({ x, y: x }));
    const { document, wide } = draw({
      ...plot,
      series: [
        { name: "a", points },
        { name: "b", points },
        { name: "b, expected", like: "b", look: "points", points },
        { name: "c, expected", like: "nothing", points },
      ],
      references: [],
    });
    const colour = (element: Element, name: string) =>
      element.getAttribute(name) ?? element.parentElement!.getAttribute(name);
    const lines = [...wide.querySelectorAll("[data-mark=line] path")].map((line) => colour(line, "stroke"));
    expect(lines).toEqual(["var(--c1)", "var(--c2)", "var(--c4)"]);
    expect(colour(wide.querySelector("[data-mark=dot] path")!, "fill")).toBe("var(--c2)");
    const swatches = [...document.querySelectorAll("ul.legend li")].map((li) => li.innerHTML);
    expect(swatches.map((text) => text.match(/--c\d/)![0])).toEqual(["--c1", "--c2", "--c2", "--c4"]);
  });

  test("lists the numbers, without the raw ones", () => {
    const { cells } = draw(plot);
    expect(cells).toContainEqual(["train", "3", "1.5", "1 to 2"]);
    expect(cells).toContainEqual(["held-out", "2", "4.25", ""]);
    expect(cells).toHaveLength(6);
  });

  test("what has no place on a log axis is a gap, and counted", () => {
    const points = [1, 0, 100, Number.NaN, 10].map((y, x) => ({ x, y }));
    const { document, wide } = draw({
      kind: "line",
      x: { label: "x" },
      y: { label: "y", log: true },
      series: [{ name: "a", points }],
    });
    expect(document.querySelector("figcaption")!.textContent).toBe(
      "A caption. 2 points not shown: not a finite number, or not above 0 on a logarithmic axis.",
    );
    expect(wide.querySelector("[data-mark=line] path")!.getAttribute("d")!.match(/M/g)).toHaveLength(3);
    const ticks = [...wide.querySelectorAll("[data-mark='y-axis tick label'] text")].map(
      (t) => t.textContent,
    );
    expect(ticks).toEqual(["1", "2", "5", "10", "20", "50", "100"]);
  });

  test("a log axis of less than a decade, and an axis of one value, have readable ticks", () => {
    const ticks = (ys: number[], log: boolean) => {
      const points = ys.map((y, x) => ({ x, y }));
      const { wide } = draw({
        kind: "line",
        x: { label: "x" },
        y: { label: "y", log },
        series: [{ name: "a", points }],
      });
      return [...wide.querySelectorAll("[data-mark='y-axis tick label'] text")].map((t) => t.textContent);
    };
    const few = ticks([0.52, 0.61, 0.7, 0.55], true);
    expect(few.length).toBeGreaterThan(2);
    for (const tick of few) expect(tick).toMatch(/^0\.\d{1,3}$/);
    expect(ticks([4.5521], false)).toEqual(["4.552"]);
    expect(ticks([0.25], true)).toEqual(["0.25"]);
  });

  test("one point is a dot, none is an empty plot", () => {
    const one: PlotSpec = {
      kind: "line",
      x: { label: "x" },
      y: { label: "y" },
      series: [{ name: "a", points: [{ x: 1, y: 2 }] }],
    };
    expect(draw(one).wide.querySelector("[data-mark=dot] title")!.textContent).toBe("a: 1, 2");
    expect(draw({ ...one, series: [{ name: "a", points: [] }] }).cells).toEqual([]);
  });
});

test("bars: a bar for each value with its number, interval and group", () => {
  const bars = [
    { name: "dot-product", value: 0.82, low: 0.7, high: 0.9, group: "names" },
    { name: "dense", value: 0.41, group: "names" },
    { name: "dot-product", value: 0.2, group: "noise" },
  ];
  const { wide, cells } = draw({
    kind: "bar",
    value: { label: "share" },
    bars,
    references: [{ value: 0.5, label: "chance" }],
  });
  const widths = [...wide.querySelectorAll("[data-mark=bar] rect")].map((bar) =>
    Number(bar.getAttribute("width")),
  );
  expectProportional(widths, [0.82, 0.41, 0.2]);
  const text = wide.textContent;
  for (const label of ["0.82", "0.41", "chance", "noise"]) expect(text).toContain(label);
  expect(cells).toContainEqual(["names", "dot-product", "0.82", "0.7 to 0.9"]);
});

test("bars on a log axis start at the power of ten below", () => {
  const bars = [
    { name: "a", value: 0.02 },
    { name: "b", value: 2 },
  ];
  const { wide } = draw({ kind: "bar", value: { label: "seconds", log: true }, bars });
  const widths = [...wide.querySelectorAll("[data-mark=bar] rect")].map((bar) =>
    Number(bar.getAttribute("width")),
  );
  const ticks = [...wide.querySelectorAll("[data-mark='x-axis tick label'] text")].map((t) => t.textContent);
  expect(ticks).toEqual(["0.01", "0.02", "0.05", "0.1", "0.2", "0.5", "1", "2"]);
  // log10(0.02) - log10(0.01) = 0.301; log10(2) + 2 = 2.301.
  expect(widths[1]! / widths[0]!).toBeCloseTo(2.30103 / 0.30103, 2);
});

describe("heat map", () => {
  const plot: PlotSpec = {
    kind: "heat",
    x: "next",
    y: "token",
    columns: ["a", "<b>"],
    rows: ["x", "y", "z"],
    values: [
      [0, 0.5],
      [1, null],
      [0.25, 0.75],
    ],
    value: { label: "probability" },
  };

  test("colours every value, says it on hover, and gives the scale", () => {
    const { document, wide, cells } = draw(plot);
    const titles = [...wide.querySelectorAll("[data-mark=cell] title")].map((t) => t.textContent);
    expect(titles).toEqual(["x a: 0", "x <b>: 0.5", "y a: 1", "y <b>: none", "z a: 0.25", "z <b>: 0.75"]);
    const fills = [...wide.querySelectorAll("[data-mark=cell] rect")].map((cell) =>
      cell.getAttribute("fill"),
    );
    expect(new Set(fills).size).toBe(6);
    expect(fills[3]).toBe("var(--missing)");
    expect(document.querySelector(".legend")!.textContent).toMatch(/^probability: 0\s+1$/);
    expect(cells).toEqual([
      ["x", "0", "0.5"],
      ["y", "1", ""],
      ["z", "0.25", "0.75"],
    ]);
  });

  test("rings and dots stand in the middle of their cells", () => {
    const marked: PlotSpec = { ...plot, ringed: [[2, 0]], dotted: [[0, 1]] };
    const { wide } = draw(marked);
    const boxes = [...wide.querySelectorAll("[data-mark=cell] rect")].map((cell) => {
      const [x, y, w, h] = ["x", "y", "width", "height"].map((name) => Number(cell.getAttribute(name)));
      return [x! + w! / 2, y! + h! / 2];
    });
    const middles = [...wide.querySelectorAll("[data-mark=dot] circle")].map((dot) =>
      ["cx", "cy"].map((name) => Number(dot.getAttribute(name))),
    );
    const offsets = [...wide.querySelectorAll("[data-mark=dot]")].map(
      (group) =>
        /translate\(([\d.-]+),([\d.-]+)\)/.exec(group.getAttribute("transform") ?? "") ?? ["", "0", "0"],
    );
    expect(middles).toHaveLength(3); // a ring is two lines
    for (const [i, cell] of [boxes[4]!, boxes[4]!, boxes[1]!].entries()) {
      expect(middles[i]![0]! + Number(offsets[i]![1])).toBeCloseTo(cell[0]!, 0);
      expect(middles[i]![1]! + Number(offsets[i]![2])).toBeCloseTo(cell[1]!, 0);
    }
    expect(draw(plot).wide.querySelectorAll("[data-mark=dot] circle")).toHaveLength(0);
  });

  test("a diverging scale has 0 in its middle", () => {
    const signed: PlotSpec = {
      ...plot,
      values: [
        [-2, 0],
        [1, 0],
        [0, 0],
      ],
      value: { label: "change", diverging: true },
    };
    const { document, wide } = draw(signed);
    expect(document.querySelector(".legend")!.textContent).toMatch(/−2\s+2$/);
    expect(wide.querySelectorAll("[data-mark=cell] rect")[1]!.getAttribute("fill")).toBe(
      "rgb(247, 247, 247)",
    );
  });

  test("refuses values of another shape", () => {
    expect(() => draw({ ...plot, values: [[1, 2]] })).toThrow(
      'figure "A title": values must be 3 rows of 2, got 1 rows of 2',
    );
  });
});

test("dots: every point with its label, and the diagonal", () => {
  const groups = [
    { name: "layer 0", points: [{ x: 0.1, y: 0.2, label: "0.0" }] },
    {
      name: "layer 1",
      points: [
        { x: 0.9, y: 0.7 },
        { x: 0.5, y: Number.NaN },
      ],
    },
  ];
  const { document, wide, cells } = draw({
    kind: "dot",
    x: { label: "a" },
    y: { label: "b" },
    groups,
    diagonal: "equal",
  });
  expect([...wide.querySelectorAll("[data-mark=dot] title")].map((t) => t.textContent)).toEqual([
    "0.0: 0.1, 0.2",
    "layer 1: 0.9, 0.7",
  ]);
  expect(wide.textContent).toContain("equal");
  expect(document.querySelector("figcaption")!.textContent).toContain("1 point not shown");
  expect(cells[0]).toEqual(["layer 0", "0.0", "0.1", "0.2"]);
});

test("names, titles and captions are text, whatever they hold", () => {
  const plot: PlotSpec = {
    kind: "line",
    x: { label: HOSTILE },
    y: { label: HOSTILE },
    series: [
      { name: HOSTILE, look: "points", points: [{ x: 0, y: 1 }] },
      { name: "b", points: [] },
    ],
    references: [{ value: 1, label: HOSTILE }],
  };
  const { document } = draw(plot, { title: HOSTILE, caption: HOSTILE });
  expect(document.querySelector("img")).toBeNull();
  expect(document.querySelector("h3")!.textContent).toBe(HOSTILE);
  expect(document.querySelector("svg[role=img]")!.getAttribute("aria-label")).toBe(HOSTILE);
});
