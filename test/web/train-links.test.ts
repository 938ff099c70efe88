// Links to runs: what stands in the address makes the same run again.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { unzipSync } from "fflate";
import type { Browser, Page } from "playwright";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Site, serveSite } from "../../scripts/serve-site";
import { heed } from "./heed";
import { launch, openPage, saved, tile, tileReaches } from "./page";

const SMALL = { layers: "1", heads: "2", width: "16", context: "16", batch: "4" };

let browser: Browser;
let site: Site;

beforeAll(async () => {
  [browser, site] = await Promise.all([launch(), serveSite({ isolated: true })]);
});

afterAll(async () => {
  await browser?.close();
  site?.close();
});

function link(words: Readonly<Record<string, string>>): string {
  return `${site.address}#train?${new URLSearchParams(words)}`;
}

async function begin(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Begin training" }).click();
  await tileReaches(page, "Step", 1);
}

async function pause(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Pause" }).click();
  await page.getByRole("button", { name: "Go on" }).waitFor();
}

async function goOnTo(page: Page, step: number): Promise<void> {
  await page.getByRole("button", { name: "Go on" }).click();
  await tileReaches(page, "Step", step);
}

async function savedFile(page: Page, name: string): Promise<string> {
  const zip = unzipSync(await saved(page, () => page.getByRole("button", { name: "Save run" }).click()));
  return new TextDecoder().decode(zip[name]);
}

test("a rate that was changed by hand stands in the link and on the command line, and both give the same losses", async () => {
  const steps = 600;
  const { page, errors } = await openPage(browser, link({ ...SMALL, steps: String(steps) }));
  await begin(page);
  await pause(page);
  const step = await tile(page, "Step");
  expect(step).toBeLessThan(steps);
  await page.getByLabel("learning rate").fill("0.02");
  await page.getByLabel("learning rate").press("Enter");
  await page.waitForURL((url) => url.hash.includes("rates="));
  expect(new URLSearchParams(new URL(page.url()).hash.split("?")[1]).get("rates")).toBe(`${step}:0.02`);
  await page.reload();
  await tileReaches(page, "Step", 1);
  expect(await page.getByLabel("learning rate").inputValue()).toBe("0.02");
  await goOnTo(page, steps);
  const byHand = await savedFile(page, "metrics.jsonl");
  const command = await page.locator("pre code").innerText();

  // Whoever goes back takes the same course again.
  await page.locator(".seek").fill("0");
  await page.getByText("back to the checkpoint of step 0").waitFor();
  expect(await page.getByLabel("learning rate").inputValue()).toBe("0.003");
  await goOnTo(page, steps);
  expect(await savedFile(page, "metrics.jsonl")).toBe(byHand);
  expect(errors).toEqual([]);

  const { page: other } = await openPage(browser, page.url());
  await begin(other);
  await tileReaches(other, "Step", steps);
  expect(await savedFile(other, "metrics.jsonl")).toBe(byHand);

  const folder = mkdtempSync(join(tmpdir(), "heed-web-"));
  try {
    const out = join(folder, "run");
    await heed(...command.split(" ").slice(1), "--build", "portable", "--threads", "1", "--out", out);
    expect(readFileSync(join(out, "metrics.jsonl"), "utf8")).toBe(byHand);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
