// The page of a run: what it says, that it is one safe file, and that it copes with little.
import { parseHTML } from "linkedom";
import { describe, expect, test } from "vitest";
import { type RunReport, renderRun } from "../../src/report";
import { pack } from "../../src/report/attention";
import { entropyFigures, lossFigure, stepFigures } from "../../src/report/run-figures";
import { viewer } from "../../src/report/viewer";
import type { ViewData } from "../../src/report/viewer-data";
import { viewerParts } from "../../src/report/viewer-parts";
import { exampleRun, HOSTILE, STEPS } from "./example";

const run = exampleRun();
const page = renderRun(run);
const { document } = parseHTML(page);
const textOf = (selector: string) => document.querySelector(selector)?.textContent ?? "";

describe("the page of a run", () => {
  test("says first what came out", () => {
    expect(textOf(".lead")).toBe(
      "After 120 steps the held-out loss is 1.625 nats per token: 0.750 below the best that a count of token pairs could do (2.375), 1.625 below that of single tokens (3.250).",
    );
    const tiles = textOf(".tiles");
    for (const part of [
      "1.625",
      "perplexity 5.078",
      "111,540 tokens",
      "812,544",
      "1 min 12 s",
      "20,060 tokens/s",
    ]) {
      expect(tiles).toContain(part);
    }
  });

  test("has all sections, settings, the command and the sample", () => {
    expect([...document.querySelectorAll("h2")].map((h) => h.textContent)).toEqual([
      "Result",
      "Training",
      "Sample",
      "Attention",
      "Attention entropy",
      "Reproduce",
    ]);
    const rows = [...document.querySelectorAll(".settings tr")].map((row) =>
      [...row.children].map((cell) => cell.textContent),
    );
    expect(rows).toContainEqual(["build", "portable"]);
    expect(rows).toContainEqual(["width", "128"]);
    expect(rows).toContainEqual(["nested", '{"a":[1,2]}']);
    expect(rows).toContainEqual(["note", HOSTILE]);
    const texts = [...document.querySelectorAll("pre")].map((pre) => pre.textContent);
    expect(texts[0]).toBe(`\n${run.sample!.prompt}${run.sample!.text}`); // the parser here keeps the first line end
    expect(texts[1]).toBe(`\n${run.command}`);
  });

  test("is one file: nothing to load, and no element out of a string", () => {
    expect(page).not.toMatch(/https?:|\/\/[a-z]+\.|@import|url\(/i);
    expect(
      document.querySelectorAll("img, iframe, object, embed, link[rel=stylesheet], script[src]"),
    ).toHaveLength(0);
    expect(
      document.querySelector("meta[http-equiv=Content-Security-Policy]")!.getAttribute("content"),
    ).toContain("default-src 'none'");
    expect(textOf("title")).toBe(run.title);
    expect(document.querySelectorAll("script")).toHaveLength(2);
    expect(page.replaceAll(/<script.*?<\/script>/gs, "")).not.toMatch(/undefined|NaN|\[object/);
  });

  test("is the same every time", () => {
    expect(renderRun(exampleRun())).toBe(page);
  });
});

describe("figures of a run", () => {
  test("hold the metrics as they are", () => {
    const { plot } = lossFigure(run);
    if (plot.kind !== "line") throw new Error("a line plot was expected");
    const [smoothed, heldOut, raw] = plot.series;
    expect(raw!.points).toEqual(run.metrics.map(({ step, loss }) => ({ x: step, y: loss })));
    expect(heldOut!.points).toEqual([40, 80, 120].map((x) => ({ x, y: 1.625 + 1 / x })));
    expect(smoothed!.points).toHaveLength(STEPS);
    expect(smoothed!.name).toBe("training, mean of 5 steps");
    expect(smoothed!.points[9]!.y).toBeCloseTo(
      raw!.points.slice(7, 12).reduce((sum, { y }) => sum + y / 5, 0),
      12,
    );
    expect(plot.references).toEqual([
      { value: 3.25, label: "unigram floor" },
      { value: 2.375, label: "bigram floor" },
    ]);
    const [rate, norm] = stepFigures(run.metrics);
    expect(rate!.plot.kind === "line" && rate!.plot.series[0]!.points[7]).toEqual({ x: 8, y: 0.001 });
    expect(norm!.plot.kind === "line" && norm!.plot.series[1]!.points[1]).toEqual({ x: 2, y: 2 });
  });

  test("entropy: one figure a layer on one scale, one curve a head", () => {
    const figures = entropyFigures(run.entropy!);
    expect(figures.map(({ title }) => title)).toEqual(["Layer 0", "Layer 1"]);
    for (const { plot } of figures) {
      expect(plot.kind === "line" && plot.y.domain).toEqual([0, 1.375 * 1.05]);
    }
    const { plot } = figures[1]!;
    expect(plot.kind === "line" && plot.series[1]).toEqual({
      name: "head 1",
      points: [1, 60, 120].map((x) => ({ x, y: 0.875 })),
    });
  });
});

describe("attention", () => {
  const unpacked = ({ values, most }: ViewData) => {
    const view = new DataView(Uint8Array.from(atob(values), (sign) => sign.charCodeAt(0)).buffer);
    return Array.from(
      { length: view.byteLength / 2 },
      (_, at) => (view.getInt16(2 * at, true) * most) / 32767,
    );
  };

  test("weights come back from their bytes, to half of 1/32767", () => {
    const { views, causal, heads } = pack(run.attention!);
    const given = run.attention!.heads.flatMap((head) => Array.from(head.weights));
    const found = unpacked(views.attention!);
    expect(found).toHaveLength(given.length);
    expect(views.attention!.most).toBe(1);
    given.forEach((weight, index) => {
      expect(Math.abs(found[index]! - weight)).toBeLessThanOrEqual(0.5001 / 32767);
    });
    expect(causal).toBe(true);
    expect(heads).toEqual([0, 1].flatMap((layer) => [0, 1].map((head) => ({ layer, head }))));
  });

  test("weights times lengths of values, and signed effects, are views of their own", () => {
    const head = { layer: 0, head: 0, weights: [1, 0, 0.25, 0.75] };
    const other = { ...head, head: 1 };
    const full = { valueNorms: [4, 2], effects: [-3, 0, 1, 0.5] };
    const { views } = pack({
      tokens: ["a", "b"],
      targets: ["b", "\n"],
      heads: [
        { ...head, ...full },
        { ...other, ...full, effects: [0, 0, 0, 6] },
      ],
    });
    expect(Object.keys(views)).toEqual(["attention", "value-weighted", "logit effect"]);
    const [weighted, effects] = [views["value-weighted"]!, views["logit effect"]!];
    expect([weighted.most, effects.most]).toEqual([4, 6]);
    const expected = [4, 0, 1, 1.5, 4, 0, 1, 1.5];
    expect(Math.max(...unpacked(weighted).map((value, at) => Math.abs(value - expected[at]!)))).toBeLessThan(
      1e-4,
    );
    const signed = [-3, 0, 1, 0.5, 0, 0, 0, 6];
    expect(Math.max(...unpacked(effects).map((value, at) => Math.abs(value - signed[at]!)))).toBeLessThan(
      1e-4,
    );
    expect(effects.about).toEqual(["b", "↵"]);
    expect([
      pack({ tokens: ["a"], heads: [] }).first,
      pack({ tokens: ["a"], heads: [], first: 3 }).first,
    ]).toEqual([0, 3]);
    // Where one head has none, there is nothing to compare.
    expect(Object.keys(pack({ tokens: ["a", "b"], heads: [{ ...head, ...full }, other] }).views)).toEqual([
      "attention",
    ]);
  });

  test("weight above the diagonal means that nothing is masked", () => {
    expect(
      pack({ tokens: ["a", "b"], heads: [{ layer: 0, head: 0, weights: [0.5, 0.5, 0, 1] }] }).causal,
    ).toBe(false);
  });

  test("labels show what cannot be seen, and are short", () => {
    const { labels, names } = pack({
      tokens: ["\n", " ", "a\tb", "extraordinarily", "\u0007", "👍"],
      heads: [],
    });
    expect(labels).toEqual(["↵ (0)", "␣ (1)", "a⇥b (2)", "extraordina… (3)", "\\u{7} (4)", "👍 (5)"]);
    expect(names[3]).toBe("extraordinarily");
  });

  test("what does not fit is refused", () => {
    const head = { layer: 1, head: 2 };
    const sound = { ...head, weights: [1] };
    expect(() => pack({ tokens: ["a"], heads: [{ ...sound, valueNorms: [] }] })).toThrow(
      "valueNorms must be 1, one a token, got 0 in layer 1 head 2",
    );
    expect(() => pack({ tokens: ["a"], heads: [{ ...sound, effects: [1, 2] }] })).toThrow(
      "effects must be 1 x 1, one row a token, got 2 in layer 1 head 2",
    );
    expect(() => pack({ tokens: ["a"], heads: [{ ...sound, effects: [Number.NaN] }] })).toThrow(
      "must be finite",
    );
    expect(() => pack({ tokens: ["a", "b"], heads: [{ ...head, weights: [1] }] })).toThrow(
      "attention maps: weights must be 2 x 2, one row a token, got 1 in layer 1 head 2",
    );
    expect(() => pack({ tokens: ["a"], heads: [{ ...head, weights: [Number.NaN] }] })).toThrow(
      "between 0 and 1, got NaN in layer 1 head 2",
    );
  });

  test("the viewer is small and stands in the page as it is", () => {
    expect(String(viewer).length).toBeLessThan(10 * 1024);
    for (const script of [viewer, ...Object.values(viewerParts)]) expect(page).toContain(String(script));
  });
});

describe("a run with little to tell", () => {
  const bare: RunReport = { title: "bare", command: "x", config: {}, stamp: {}, metrics: [] };
  const one = run.metrics.slice(0, 1);

  test("no step, one step, no held-out text", () => {
    expect(renderRun(bare)).toContain("No step was recorded.");
    expect(renderRun({ ...bare, metrics: one })).toContain(
      "After 1 step the training loss is 3.500 nats per token.",
    );
    const worse = {
      ...bare,
      metrics: one,
      floors: { unigram: 3, bigram: 2 },
      evaluation: { natsPerToken: 3.5, perplexity: 33, tokens: 9 },
    };
    expect(renderRun(worse)).toContain(
      "1.500 above the best that a count of token pairs could do (2.000), 0.500 above",
    );
  });

  test("losses that are no numbers leave gaps and are counted", () => {
    const metrics = run.metrics
      .slice(0, 5)
      .map((at, index) => (index === 2 ? { ...at, loss: Number.NaN } : at));
    expect(renderRun({ ...bare, metrics })).toContain("1 point not shown");
  });
});
