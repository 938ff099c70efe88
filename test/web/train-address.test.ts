// The address of the train tab: a link to the run that is here, whatever the form says, and what it says that is not so.
import { expect, test } from "vitest";
import { changeAddress, openPage, playground, runEnds, tile, tileReaches } from "./page";

const SMALL = "layers=1&heads=1&width=8&context=8&steps=40";

const here = playground();

test("the address stays the run's while the form changes, so that a reload shows the run", async () => {
  const { page } = await openPage(here.browser, `${here.site.address}#train?${SMALL}`);
  await page.getByRole("button", { name: "Begin training" }).click();
  await runEnds(page);
  const address = page.url();
  await page.locator("select[name=optimizer]").selectOption("sgd");
  await page.getByText("These settings are not yet the run's").waitFor();
  expect(page.url()).toBe(address);
  await page.reload();
  await tileReaches(page, "Step", 40);
  await page.getByText("Begins the same run anew").waitFor();
  await page.locator("select[name=optimizer]").selectOption("sgd");
  await page.getByRole("button", { name: "Begin training" }).click();
  await page.waitForURL(/optimizer=sgd/);
});

test("a run that this browser keeps is offered where the address asks for another", async () => {
  const { page } = await openPage(here.browser, `${here.site.address}#train?${SMALL}`);
  await page.getByRole("button", { name: "Begin training" }).click();
  await runEnds(page);
  await page.locator(".seek").fill("10"); // of 20 checkpoints
  await expect.poll(() => tile(page, "Step")).toBe(20);
  await page.locator(".run").getByLabel("learning rate").fill("0.02"); // and the run is kept as it is here
  await page.locator(".run").getByLabel("learning rate").press("Enter");
  await page.waitForURL(/rates=/);
  for (const [words, asked] of [
    [SMALL, "seed=2"],
    ["", "build=fast"],
  ]) {
    await page.goto("about:blank");
    await page.goto(`${here.site.address}#train?${words}&${asked}`);
    await page.getByText("This browser keeps a run, gpt on grammar, at step 20").waitFor();
    expect(page.url()).toContain(asked);
  }
  await page.getByRole("button", { name: "Take it up" }).click();
  await expect.poll(() => tile(page, "Step")).toBe(20);
  expect(page.url()).not.toContain("build=fast");
});

test("a link without a build is of the portable one, whatever the form says", async () => {
  const { page } = await openPage(here.browser, `${here.site.address}#train?${SMALL}&build=fast`);
  const build = page.locator("select[name=build]");
  await expect.poll(() => build.inputValue()).toBe("fast");
  await build.selectOption("portable");
  await build.selectOption("fast"); // by hand, now
  await changeAddress(page, `#train?${SMALL}&seed=2`);
  await expect.poll(() => build.inputValue()).toBe("portable");
});

test("a word that is no setting is named and left out", async () => {
  const { page } = await openPage(here.browser, `${here.site.address}#train?${SMALL}&colour=red`);
  await page.getByText("colour: there is no such setting").waitFor();
  expect(page.url()).not.toContain("colour");
  await page.getByRole("button", { name: "Begin training" }).click();
  await tileReaches(page, "Step", 40);
});

test("going on from a checkpoint says first what it forgets", async () => {
  const { page } = await openPage(here.browser, `${here.site.address}#train?${SMALL}`);
  await page.getByRole("button", { name: "Begin training" }).click();
  await runEnds(page);
  await page.locator(".seek").fill("10"); // of 20 checkpoints
  await page.getByText("forgets the steps after it, 10 of them with a checkpoint").waitFor();
  await expect.poll(() => tile(page, "Step")).toBe(20);
  await page.getByRole("button", { name: "Go on" }).click();
  await page.getByText("forgets the steps").waitFor({ state: "detached" });
});

test("what the worker tells once another tab is shown leaves the address to that one", async () => {
  const context = await here.browser.newContext();
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  await context.route(/engine-.*\.js/, (route) => released.then(() => route.continue()));
  const page = await context.newPage();
  await page.goto(`${here.site.address}#train?${SMALL}&colour=red`);
  await page.getByText("Train attention in this tab").waitFor();
  await page.getByRole("link", { name: "NBCE" }).click();
  await page.getByText("Answers from more contexts").waitFor();
  release();
  await page.getByText("colour: there is no such setting").waitFor({ state: "attached" });
  expect(new URL(page.url()).hash).toBe("#nbce");
});

test("what the worker tells just before another tab is shown does not keep that one from being shown", async () => {
  const { page } = await openPage(here.browser, `${here.site.address}#train?${SMALL}`);
  await page.locator("input[name=seed]").waitFor();
  await page.evaluate(() => {
    const seed = document.querySelector<HTMLInputElement>("input[name=seed]")!;
    seed.value = "7";
    seed.dispatchEvent(new Event("change")); // which the worker is asked about
    const begin = performance.now();
    while (performance.now() - begin < 300); // its answer waits
    location.hash = "#nbce";
  });
  await page.getByText("Answers from more contexts").waitFor();
  await page.getByRole("link", { name: "Train" }).click();
  await page.waitForURL(/#train\?.*seed=7/);
});

test("a link's threads are as many as there are here", async () => {
  const { page } = await openPage(here.browser, `${here.site.address}#train?${SMALL}&threads=64`);
  const cores = await page.evaluate(() => String(navigator.hardwareConcurrency));
  await expect.poll(() => page.locator("select[name=threads]").inputValue()).toBe(cores);
  await page.getByRole("button", { name: "Begin training" }).click();
  await tileReaches(page, "Step", 40);
});
