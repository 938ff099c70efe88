// One run takes another's place in the train tab: what was asked last counts, and nothing of the run before stays.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openPage, playground, tileReaches } from "./page";

const SMALL = "layers=1&heads=1&width=8&context=8&steps=40";

const here = playground();

test("a run that is long in the making is said to be made, and gives way to one that was asked for later", async () => {
  const context = await here.browser.newContext({ viewport: { width: 1200, height: 1600 } });
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  /** Workers: their own scripts, not the parts that those import. */
  let engines = 0;
  await context.route(/\/engine-[^/]*\.js/, async (route) => {
    engines++;
    if (engines === 2) await released; // the first of those that begin a run
    await route.continue();
  });
  const page = await context.newPage();
  await page.goto(`${here.site.address}#train?${SMALL}`);
  const begin = page.getByRole("button", { name: "Begin training" });
  await begin.click();
  await page.getByText("Making the model").waitFor();
  await expect.poll(() => engines).toBe(2);
  await page.locator("input[name=seed]").fill("7");
  await page.locator("input[name=seed]").press("Tab");
  await begin.click();
  await tileReaches(page, "Step", 40);
  release();
  await page.waitForTimeout(300); // in which nothing may come
  expect(page.url()).toContain("seed=7");
  expect(await page.getByText("Making the model").count()).toBe(0);
});

test("the heads of another mask are read as that mask has them", async () => {
  const words = SMALL.replace("context=8", "context=16");
  const { page } = await openPage(here.browser, `${here.site.address}#train?${words}`);
  const begin = page.getByRole("button", { name: "Begin training" });
  const firstRow = async () => {
    await page.locator(".heads button").first().click();
    for (let row = 15; row >= 0; row--) await page.keyboard.press("Shift+ArrowUp"); // it begins in the last
    await page.keyboard.press("Shift+ArrowRight");
    return page.locator(".readout").innerText();
  };
  await begin.click();
  await tileReaches(page, "Step", 40);
  await page.getByText("Done: all steps").waitFor();
  expect(await firstRow()).toMatch(/^dest 0 .* ← src 1 .*: masked/);
  await page.locator("select[name=mask]").selectOption("prefix");
  await begin.click();
  await page.waitForURL(/mask=prefix/);
  await page.getByText("Done: all steps").waitFor();
  await expect.poll(firstRow).toMatch(/^dest 0 .* ← src 1 .*: \d\.\d\d/);
});

test("a folder can be dropped", async () => {
  const parent = mkdtempSync(join(tmpdir(), "heed-web-"));
  try {
    const run = join(parent, "run");
    mkdirSync(run);
    writeFileSync(join(run, "heed.json"), "{}");
    writeFileSync(join(run, "checkpoint.safetensors"), "?");
    const { page, errors } = await openPage(here.browser, `${here.site.address}#train?${SMALL}`);
    const box = (await page.locator(".drop").boundingBox())!;
    const devtools = await page.context().newCDPSession(page);
    for (const type of ["dragEnter", "dragOver", "drop"] as const)
      await devtools.send("Input.dispatchDragEvent", {
        ...{ type, x: box.x + 40, y: box.y + 10 },
        data: { items: [], files: [run], dragOperationsMask: 1 },
      });
    await page.locator(".drop .error", { hasText: "heed.json: " }).waitFor();
    expect(errors).toEqual([]);
  } finally {
    rmSync(parent, { recursive: true });
  }
});
