// Curves, bands, points and named references hold the numbers that they were given, in the image and in the table.
import { describe, expect, test } from "vitest";
import type { PlotSpec } from "../../src/experiments/figure";
import { draw, expectProportional, heights } from "./drawn";

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

  test("an axis of few whole numbers has no ticks between them", () => {
    const series = [{ name: "rank", points: [1, 2, 3, 4].map((x) => ({ x, y: x / 8 })) }];
    const { wide } = draw({ ...plot, x: { label: "layer" }, series, references: [], spans: [] });
    const ticks = [...wide.querySelectorAll("[data-mark='x-axis tick label'] text")].map(
      (t) => t.textContent,
    );
    expect(ticks).toEqual(["1", "2", "3", "4"]);
  });

  test("a run may be as long as it likes", () => {
    const points = Array.from({ length: 200_000 }, (_, x) => ({ x, y: x === 123_456 ? 9 : 1 }));
    const { wide } = draw({ ...plot, series: [{ name: "train", points }], references: [], spans: [] });
    const drawn = heights(wide.querySelector("[data-mark=line] path")!);
    expect(drawn.length).toBeLessThan(1000);
    expect(drawn.filter((height) => height > drawn[0]!)).toHaveLength(1);
  });

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

  test("the only point of a curve is hollow, here and in the legend: full ones are of series of points", () => {
    const lone = [
      { x: 1, y: 2 },
      { x: 2, y: Number.NaN },
    ];
    const { document, wide } = draw({
      kind: "line",
      x: { label: "x" },
      y: { label: "y" },
      series: [
        { name: "measured", points: lone },
        { name: "counted", like: "measured", look: "points", points: [{ x: 1, y: 3 }] },
      ],
    });
    const paints = (marks: Iterable<Element>) =>
      [...marks].map((mark) => ["fill", "stroke"].map((name) => mark.getAttribute(name)));
    expect(paints(wide.querySelectorAll("[data-mark=dot]"))).toEqual([
      ["none", "var(--c1)"],
      ["var(--c1)", "var(--bg)"],
    ]);
    expect(paints(document.querySelectorAll(".legend [data-mark=dot]")).map(([fill]) => fill)).toEqual([
      "none",
      "var(--c1)",
    ]);
  });

  test("one series has a legend where neither the title nor its axis names it", () => {
    const legend = (name: string) =>
      draw({ ...plot, y: { label: "loss" }, series: [{ name, points: [{ x: 1, y: 2 }] }] })
        .document.querySelector(".legend")
        ?.textContent.trim();
    expect(legend("window, plain")).toBe("window, plain");
    expect(["a title", "title", "loss"].map(legend)).toEqual([undefined, undefined, undefined]);
    expect(legend("it")).toBe("it");
  });

  test("names of vertical lines stand above the frame, and inside the image", () => {
    const label = "trained length";
    const placed = [0, 1, 2].map((value) => {
      const points = [0, 1, 2].map((x) => ({ x, y: 1 - x }));
      const references = [{ value, label, axis: "x" as const }];
      const { wide } = draw({ ...plot, series: [{ name: "a", points }], references, spans: [] });
      const name = wide.querySelector("[data-mark=text]")!;
      const shift = Number(/translate\([^,]+,([^)]+)\)/.exec(name.getAttribute("transform")!)![1]);
      const text = name.querySelector("text")!;
      const at = Number(/,([^)]+)\)/.exec(text.getAttribute("transform")!)![1]);
      const top = Number(wide.querySelector("[data-mark=rule] line")!.getAttribute("y1"));
      expect(at + shift).toBeLessThan(top);
      return name.getAttribute("text-anchor");
    });
    expect(placed).toEqual(["start", null, "end"]); // the default is the middle
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
