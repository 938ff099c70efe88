// A figure of frames: what is packed, what is refused, and the slider under keys in Chromium.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, Page } from "playwright";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { FramesPlot } from "../../src/experiments/figure";
import { renderExperiment } from "../../src/report";
import { packFrames } from "../../src/report/plot-frames";
import { openBrowser } from "./browser";
import { exampleResult, HOSTILE } from "./example";

const plot: FramesPlot = {
  kind: "frames",
  x: "source",
  y: "destination",
  columns: ["the", HOSTILE, "\n"],
  rows: ["a", "b"],
  frame: "step",
  frames: [
    {
      name: "0",
      values: [
        [0, 0.5, 1],
        [0.25, 0.75, 0],
      ],
    },
    {
      name: "500",
      values: [
        [1, 0, 0],
        [0, 0, 0.4],
      ],
    },
  ],
  value: { label: "weight", domain: [0, 1] },
};

describe("packed", () => {
  test("a byte a cell, frame by frame, row by row", () => {
    const { cells, names, columns } = packFrames(plot);
    const bytes = [...atob(cells)].map((sign) => sign.charCodeAt(0));
    expect(bytes).toEqual([0, 127, 254, 64, 191, 0, 254, 0, 0, 0, 0, 102]);
    expect(names).toEqual(["step 0", "step 500"]);
    expect(columns[2]).toBe("↵");
  });

  test("over the domain and not beyond, and nothing as a byte of its own", () => {
    const { cells } = packFrames({
      ...plot,
      frames: [
        {
          name: "0",
          values: [
            [-1, 2, 4],
            [5, 3, null],
          ],
        },
      ],
      value: { label: "nats", domain: [2, 4] },
    });
    expect([...atob(cells)].map((sign) => sign.charCodeAt(0))).toEqual([0, 0, 254, 254, 127, 255]);
  });

  test("frames of another size, and none, are refused", () => {
    expect(() => packFrames({ ...plot, frames: [] })).toThrow("frames: at least one is needed, got none");
    const short = [
      ...plot.frames,
      {
        name: "600",
        values: [
          [1, 2, 3],
          [1, 2],
        ],
      },
    ];
    expect(() => packFrames({ ...plot, frames: short })).toThrow(
      "frames: values must be 2 rows of 3, got 2 rows of 3, 2 in 600",
    );
  });
});

describe("in the page", () => {
  const folder = mkdtempSync(join(tmpdir(), "heed-frames-"));
  const file = join(folder, "report.html");
  const complaints: string[] = [];
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    writeFileSync(
      file,
      renderExperiment(exampleResult(), [{ title: `Maps ${HOSTILE}`, caption: "Over steps.", plot }], "heed"),
    );
    browser = await openBrowser();
    page = await browser.newPage({ viewport: { width: 375, height: 800 } });
    page.on("pageerror", (error) => complaints.push(error.message));
    page.on("request", (request) => {
      if (!/^(file|data):/.test(request.url())) complaints.push(request.url());
    });
    await page.goto(pathToFileURL(file).href);
  });

  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true });
  });

  const output = () => page.locator(".scrubber output").textContent();
  /** Brightness of the middle of the lower right cell. */
  const corner = () =>
    page.locator(".scrubber canvas").evaluate((canvas: HTMLCanvasElement) => {
      const scale = canvas.width / canvas.clientWidth;
      let right = canvas.width - 1;
      const { data } = canvas.getContext("2d")!.getImageData(0, canvas.height - 10 * scale, canvas.width, 1);
      while (right > 0 && data[4 * right + 3] === 0) right--;
      return data[4 * (right - 6)]!;
    });

  test("shows the last frame first; arrow keys go through the frames", async () => {
    expect(await output()).toBe("step 500");
    const late = await corner();
    await page.locator(".scrubber input").focus();
    await page.keyboard.press("ArrowLeft");
    expect(await output()).toBe("step 0");
    const early = await corner();
    expect(early).toBeGreaterThan(late + 50); // 0 is the paper's colour, 0.4 is not
    expect(await page.locator(".scrubber input").getAttribute("aria-valuetext")).toBe("step 0");
    await page.keyboard.press("End");
    expect(await output()).toBe("step 500");
  });

  test("out of sight, as in a tab that was left, it waits; back again it draws", async () => {
    const drawn = () =>
      page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
    const side = () =>
      page.locator(".scrubber canvas").evaluate((canvas: HTMLCanvasElement) => canvas.clientWidth);
    const before = [await side(), await corner()];
    await page.evaluate(() => {
      document.body.hidden = true;
    });
    await drawn();
    expect(await side()).toBe(0);
    await page.evaluate(() => {
      document.body.hidden = false;
    });
    await drawn();
    expect([await side(), await corner()]).toEqual(before);
  });

  test("tells a cell under the pointer, fits a phone, and nothing breaks out of a label", async () => {
    const canvas = page.locator(".scrubber canvas");
    const box = (await canvas.boundingBox())!;
    await canvas.hover({ position: { x: 60, y: box.height - 8 } });
    expect(await page.locator(".scrubber .readout").textContent()).toMatch(/^b → .*: 0\.\d\d$/);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(375);
    expect(await page.evaluate(() => "broken" in globalThis)).toBe(false);
    expect(complaints).toEqual([]);
  });
});
