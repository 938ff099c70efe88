// Figures of bars, maps and dots hold the numbers that they were given, in the image and in the table; names are text in all.
import { describe, expect, test } from "vitest";
import type { PlotSpec } from "../../src/experiments/figure";
import { draw, expectProportional } from "./drawn";
import { HOSTILE } from "./example";

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

test("the name of a bar has room, capitals too", () => {
  const bars = ["GPT", "T5"].map((name) => ({ name, value: 1 }));
  const { wide } = draw({ kind: "bar", value: { label: "loss" }, bars });
  expect(
    [...wide.querySelectorAll("[data-mark='y-axis tick label'] text")].map((t) => t.textContent),
  ).toEqual([...["GPT", "T5"]]);
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
