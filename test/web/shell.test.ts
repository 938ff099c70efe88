// The page itself: its weight, its isolation, what it lets out, and whether everyone can use it.
import { gzipSync } from "node:zlib";
import type { Browser } from "playwright";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Site, serveSite } from "../../scripts/serve-site";
import { launch, openPage, tileReaches, violations } from "./page";

const FIRST_LOAD_BYTES = 200 * 1024;
const SMALL = "layers=1&heads=2&width=16&context=16&steps=20";

let browser: Browser;
let isolated: Site;
let plain: Site;

beforeAll(async () => {
  [browser, isolated, plain] = await Promise.all([
    launch(),
    serveSite({ isolated: true }),
    serveSite({ isolated: false }),
  ]);
});

afterAll(async () => {
  await browser?.close();
  isolated?.close();
  plain?.close();
});

test("the first load, a run begun included, is at most 200 KB", async () => {
  const context = await browser.newContext();
  const page = await context.newPage();
  const bodies: Promise<Buffer>[] = [];
  context.on("response", (response) => bodies.push(response.body()));
  await page.goto(`${isolated.address}#train?${SMALL}`);
  await page.getByRole("button", { name: "Begin training" }).click();
  await tileReaches(page, "Step", 20);
  const sizes = (await Promise.all(bodies)).map((body) => gzipSync(body).length);
  expect(sizes.length).toBeGreaterThan(5);
  expect(sizes.reduce((sum, size) => sum + size)).toBeLessThanOrEqual(FIRST_LOAD_BYTES);
});

test("a host without headers is isolated by the service worker, from the second load on", async () => {
  const { page, requests } = await openPage(browser, plain.address);
  await page.waitForFunction(() => crossOriginIsolated);
  await page.getByRole("heading", { level: 1 }).waitFor();
  expect(await page.getByText("One thread:").count()).toBe(0);
  expect(requests.filter((address) => !address.startsWith(plain.address))).toEqual([]);
});

test("without isolation the page says so", async () => {
  const { page } = await openPage(browser, plain.address, { serviceWorkers: "block" });
  await page.getByText("One thread: this page is not cross-origin isolated").waitFor();
});

test("the page may ask nobody but its own host", async () => {
  const { page } = await openPage(browser, isolated.address);
  const refused = await page.evaluate(() =>
    fetch("http://127.0.0.2/").then(
      () => "fetched",
      (error: Error) => error.name,
    ),
  );
  expect(refused).toBe("TypeError");
  const policy = await page.locator("meta[http-equiv=Content-Security-Policy]").getAttribute("content");
  expect(policy).toMatch(/^default-src 'none';/);
});

test.each(["light", "dark"] as const)("no rule of accessibility is broken, %s", async (colorScheme) => {
  const { page } = await openPage(browser, `${isolated.address}#train?${SMALL}`, {
    colorScheme,
    bypassCSP: true,
  });
  expect(await violations(page)).toEqual([]);
  await page.getByRole("button", { name: "Begin training" }).click();
  await tileReaches(page, "Step", 20);
  await page.locator(".heads button").first().waitFor();
  await page.getByText("All other settings").click();
  expect(await violations(page)).toEqual([]);
});

test("a phone of 375 pixels shows all of it without scrolling sideways", async () => {
  const { page } = await openPage(browser, `${isolated.address}#train?${SMALL}`, {
    viewport: { width: 375, height: 800 },
  });
  await page.getByRole("button", { name: "Begin training" }).click();
  await tileReaches(page, "Step", 20);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(375);
});
