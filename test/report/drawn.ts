// A figure as a test reads it: its elements, the cells of its table, and where its marks stand.
import { parseHTML } from "linkedom";
import { expect } from "vitest";
import type { Figure, PlotSpec } from "../../src/experiments/figure";
import { renderFigure } from "../../src/report/figure";

export function draw(plot: PlotSpec, given: Partial<Figure> = {}) {
  const text = renderFigure({ title: "A title", caption: "A caption.", plot, ...given }).text;
  const { document } = parseHTML(`<html><body>${text}</body></html>`);
  const cells = [...document.querySelectorAll("tbody tr")].map((row) =>
    [...row.children].map((cell) => cell.textContent),
  );
  return { document, cells, wide: document.querySelector(".wide")! };
}

/** Vertical place of each point of a path, larger is higher. */
export function heights(path: Element): number[] {
  return [...path.getAttribute("d")!.matchAll(/[ML][^,]+,([^MLZ]+)/g)].map(([, y]) => -Number(y));
}

/** Whether places are the values under one increasing straight line. */
export function expectProportional(places: readonly number[], values: readonly number[]): void {
  expect(places).toHaveLength(values.length);
  const slope = (places[1]! - places[0]!) / (values[1]! - values[0]!);
  expect(slope).toBeGreaterThan(0);
  places.forEach((place, index) => {
    expect(place).toBeCloseTo(places[0]! + slope * (values[index]! - values[0]!), 1);
  });
}
