// The page in Chromium: no request, no error, and the attention viewer under mouse and keys.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, Page } from "playwright";
import { afterAll, beforeAll, expect, test } from "vitest";
import { renderRun } from "../../src/report";
import { openBrowser } from "./browser";
import { exampleRun } from "./example";

const folder = mkdtempSync(join(tmpdir(), "heed-report-"));
const file = join(folder, "report.html");
let browser: Browser;
let page: Page;
const complaints: string[] = [];

beforeAll(async () => {
  writeFileSync(file, renderRun(exampleRun()));
  browser = await openBrowser();
  page = await browser.newPage({ viewport: { width: 375, height: 800 } });
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(message.text());
  });
  page.on("request", (request) => {
    if (!/^(file|data):/.test(request.url())) complaints.push(request.url());
  });
  await page.goto(pathToFileURL(file).href);
});

afterAll(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true });
});

const readout = () => page.locator(".readout").textContent();
const name = () => page.locator(".head-name").textContent();

/** The middle of the cell of row i and column j, found from the right and lower edge of the map. */
async function cell(i: number, j: number) {
  const box = (await page.locator("canvas.zoom").boundingBox())!;
  const side = await page.locator("canvas.zoom").evaluate((canvas: HTMLCanvasElement) => {
    // The frame of the map begins where labels end: the first masked pixel of the top row tells how far that is.
    const scale = canvas.width / canvas.clientWidth;
    const { data } = canvas.getContext("2d")!.getImageData(0, canvas.height - 6 * scale, canvas.width, 1);
    let left = 0;
    while (left < canvas.width && data[4 * left + 3] === 0) left++;
    return (canvas.width - left) / scale / 4;
  });
  return { x: box.width - 2 - (4 - j - 0.5) * side, y: box.height - 2 - (4 - i - 0.5) * side };
}

test("fits a phone and draws every head", async () => {
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(375);
  expect(await page.locator(".heads button").count()).toBe(4);
  expect(await name()).toBe("Layer 0, head 0");
  const colours = await page
    .locator(".heads canvas")
    .first()
    .evaluate((canvas: HTMLCanvasElement) => {
      const { data } = canvas.getContext("2d")!.getImageData(0, 0, 4, 4);
      return [0, 1, 8].map((at) => Array.from(data.slice(4 * at, 4 * at + 3)).join());
    });
  // All weight, masked, and 0.42: between the two lighter stops.
  expect(colours.slice(0, 2)).toEqual(["8,48,107", "217,220,224"]);
  expect(colours[2]).toBe(
    [255 - 0.84 * (255 - 106), 255 - 0.84 * (255 - 174), 255 - 0.84 * (255 - 214)].map(Math.round).join(),
  );
});

test("hover reads a weight, a click locks it, Escape unlocks", async () => {
  const zoom = page.locator("canvas.zoom");
  await zoom.hover({ position: await cell(1, 0) });
  expect(await readout()).toBe("dest 1 ' ' ← src 0 'the': 0.42");
  await zoom.hover({ position: await cell(1, 3) });
  expect(await readout()).toBe("dest 1 ' ' ← src 3 '↵': masked, it comes later");
  await zoom.click({ position: await cell(3, 0) });
  await zoom.hover({ position: await cell(1, 0) });
  expect(await readout()).toBe("dest 3 '↵' ← src 0 'the': 0.42 (locked, Escape unlocks)");
  await zoom.press("Escape");
  await zoom.hover({ position: await cell(3, 3) });
  expect(await readout()).toBe("dest 3 '↵' ← src 3 '↵': 0.58");
});

test("arrow keys move between heads, with Shift between cells", async () => {
  await page.locator(".heads button").first().focus();
  await page.keyboard.press("ArrowRight");
  expect(await name()).toBe("Layer 0, head 1");
  await page.keyboard.press("ArrowDown");
  expect(await name()).toBe("Layer 1, head 1");
  await page.keyboard.press("ArrowDown"); // there is no lower layer
  expect(await page.locator(".heads button[aria-checked=true]").textContent()).toBe("L1H1");
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Shift+ArrowUp"); // starts in the last row
  expect(await readout()).toBe("dest 3 '↵' ← src 0 'the': 0.52 (locked, Escape unlocks)");
  await page.keyboard.press("Shift+ArrowRight");
  expect(await readout()).toContain("src 1 ' ': 0.00");
});

test("weights times lengths of values, and effects on the next token's logit, can be shown instead", async () => {
  const choice = page.locator("select.view");
  const pixel = (at: number) =>
    page
      .locator(".heads canvas")
      .first()
      .evaluate((canvas: HTMLCanvasElement, index) => {
        const { data } = canvas.getContext("2d")!.getImageData(0, 0, 4, 4);
        return Array.from(data.slice(4 * index, 4 * index + 3)).join();
      }, at);
  await page.locator(".heads button").first().click();
  await page.keyboard.press("Escape");
  await page.locator("canvas.zoom").hover({ position: await cell(3, 0) });
  await choice.selectOption("value-weighted");
  expect(await readout()).toBe("dest 3 '↵' ← src 0 'the': 0.21");
  expect(await page.locator(".most").textContent()).toBe("3.00");
  await choice.selectOption("logit effect");
  expect(await readout()).toBe("dest 3 '↵' ← src 0 'the': -0.84");
  await page.locator("canvas.zoom").hover({ position: await cell(1, 1) });
  expect(await readout()).toBe("dest 1 ' ' ← src 1 ' ': 2.32 for 'two', 1.48 from all sources");
  expect([await page.locator(".least").textContent(), await page.locator(".most").textContent()]).toEqual([
    "-4.00",
    "4.00",
  ]);
  await choice.press("ArrowUp");
  await choice.press("ArrowDown"); // the keys of the choice are its own
  expect(await name()).toBe("Layer 0, head 0");
  // All of -2 of 4 is the orange half way, above the diagonal stays grey.
  expect([await pixel(0), await pixel(1)]).toEqual(["242,162,92", "217,220,224"]);
  expect(await page.locator(".signed").isVisible()).toBe(true);
  await choice.selectOption("attention");
  expect(await page.locator(".signed").isVisible()).toBe(false);
  expect(await pixel(0)).toBe("8,48,107");
});

test("a token of the text shades those that it attends to, as the map does", async () => {
  const token = (at: number) => page.locator(".tokens span").nth(at);
  const look = (at: number) =>
    token(at).evaluate(({ className, style }: HTMLElement) => [className, style.background, style.color]);
  await page.locator(".heads button").first().click();
  await page.keyboard.press("Escape");
  await token(1).hover();
  expect(await readout()).toBe("dest 1 ' ' ← src 1 ' ': 0.58");
  // 0.42 and 0.58 of a ramp whose middle is the second colour.
  const mix = (from: readonly number[], to: readonly number[], share: number) =>
    `rgb(${from.map((byte, c) => Math.round(byte + (to[c]! - byte) * share)).join(", ")})`;
  const [none, half, full] = [
    [255, 255, 255],
    [106, 174, 214],
    [8, 48, 107],
  ] as const;
  const near = (at: number) => Math.round(at * 1023) / 1023; // shades are counted
  expect(await look(0)).toEqual(["", mix(none, half, 2 * near(0.42)), "rgb(0, 0, 0)"]);
  expect(await look(1)).toEqual(["destination", mix(half, full, 2 * near(0.58) - 1), "rgb(0, 0, 0)"]);
  expect(await look(2)).toEqual(["unseen", "", ""]);
  await token(0).click();
  await token(3).hover();
  expect(await readout()).toBe("dest 0 'the' ← src 0 'the': 1.00 (locked, Escape unlocks)");
  expect((await look(0))[2]).toBe("rgb(255, 255, 255)"); // on the darkest shade
  await page.keyboard.press("Escape");
  expect(await look(0)).toEqual(["", "", ""]);
  await page.mouse.move(0, 0);
});

test("a second click unlocks", async () => {
  const zoom = page.locator("canvas.zoom");
  await zoom.click({ position: await cell(3, 0) });
  expect(await readout()).toContain("locked");
  await zoom.click({ position: await cell(3, 0) });
  expect(await readout()).not.toContain("locked");
  await zoom.hover({ position: await cell(1, 0) });
  expect(await readout()).toBe("dest 1 ' ' ← src 0 'the': 0.42");
});

test("colours follow dark mode", async () => {
  await page.emulateMedia({ colorScheme: "dark" });
  const colour = () =>
    page
      .locator(".heads canvas")
      .first()
      .evaluate((canvas: HTMLCanvasElement) => canvas.getContext("2d")!.getImageData(0, 0, 1, 1).data[0]);
  await expect.poll(colour).toBe(0xd6);
});

test("nothing was requested and nothing went wrong", async () => {
  expect(complaints).toEqual([]);
  expect(await page.evaluate(() => "broken" in globalThis)).toBe(false);
});
