// The bench tab: every row is checked and has its share of what the processor can do, on every build side by side.
import type { Browser } from "playwright";
import { afterAll, beforeAll, expect, test } from "vitest";
import { AGREEMENT } from "../../bench/row";
import type { SuiteResult } from "../../bench/run";
import { type Site, serveSite } from "../../scripts/serve-site";
import { launch, openPage, violations, widthOnPhone } from "./page";

let browser: Browser;
let site: Site;

beforeAll(async () => {
  [browser, site] = await Promise.all([launch(), serveSite({ isolated: true })]);
});

afterAll(async () => {
  await browser?.close();
  site?.close();
});

test("every row is checked and has a share of the peak, builds and threads side by side", async () => {
  const { page, errors } = await openPage(browser, `${site.address}#bench?suite=matmul&size=tiny`, {
    bypassCSP: true,
    permissions: ["clipboard-read", "clipboard-write"],
  });
  // One of two with threads: each has twice as many workers of one thread beside it.
  await page.getByLabel(/portable, \d threads/).uncheck();
  await page.getByRole("button", { name: "Run" }).click();
  await page.locator("table.bench").waitFor();
  await page.getByRole("button", { name: "Copy as JSON" }).click();
  await page.getByText("Copied as JSON.").waitFor();
  const copied = JSON.parse(await page.evaluate(() => navigator.clipboard.readText()));
  const [{ rows }]: [SuiteResult] = copied.suites;
  const setups = new Set(rows.map(({ build, threads }) => `${build} ${threads}`));
  expect([...setups]).toEqual(expect.arrayContaining(["portable 1", "fast 1"]));
  expect(setups.size).toBe(3);
  expect(rows.length % setups.size).toBe(0);
  for (const { error, ceiling } of rows) {
    expect(error).toBeLessThanOrEqual(AGREEMENT);
    expect(ceiling?.share).toBeGreaterThan(0);
  }
  expect(await page.locator("table.bench tbody tr").count()).toBe(rows.length);
  expect(await page.locator("table.bench meter").count()).toBe(rows.length);
  await page.getByRole("button", { name: "Copy as Markdown" }).click();
  await page.getByText("Copied as Markdown.").waitFor();
  const lines = (await page.evaluate(() => navigator.clipboard.readText())).split("\n");
  expect(lines.filter((line) => line.startsWith("| "))).toHaveLength(rows.length + 2);
  expect(await violations(page)).toEqual([]);
  expect(await widthOnPhone(page)).toBe(375);
  expect(errors).toEqual([]);
});
