// The bench tab: every row is checked and has its share of what the processor can do, on every build side by side; what was measured says of
// what, and what spoiled it.
import type { Page } from "playwright";
import { expect, test } from "vitest";
import { AGREEMENT } from "../../bench/row";
import type { SuiteResult } from "../../bench/run";
import { suites } from "../../bench/suites";
import { changeAddress, openPage, playground, runAndAsk, violations, widthOnPhone } from "./page";

const here = playground();

test("every row is checked and has a share of the peak, builds and threads side by side", async () => {
  const { page, errors } = await openPage(here.browser, `${here.site.address}#bench?suite=matmul&size=tiny`, {
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
  // What one looks for is seen on a phone without scrolling.
  const shown = page.locator("table.bench tr > :is(th, td):visible");
  const width = await page.locator("table.bench thead th:visible").count();
  const heads = (await shown.allInnerTexts()).slice(0, 4);
  expect(heads).toEqual(["what", "share", "error", "median"]);
  const ends = await shown.evaluateAll((all) => all.map((cell) => cell.getBoundingClientRect().right));
  const medians = ends.filter((_, index) => index % width === 3);
  expect(medians).toHaveLength(rows.length + 1);
  expect(Math.max(...medians)).toBeLessThanOrEqual(375 - 16);
  expect(await page.locator("table.bench td.name").first().innerText()).toMatch(
    /^square\n\d+ x \d+ x \d+\nportable/,
  );
  await page.getByText(/The table scrolls: spread, .+ are to the right/).waitFor();
  expect(errors).toEqual([]);
});

test("rows stand under the name of their suite, and are found again from another", async () => {
  const { page, errors } = await openPage(here.browser, `${here.site.address}#bench?suite=decode&size=tiny`);
  await chooseOne(page);
  // Another is asked for as soon as it runs; what is said of that ends with the run.
  await runAndAsk(page, "#bench?suite=rows");
  await page.getByRole("button", { name: "Copy as JSON" }).waitFor();
  await page.getByRole("heading", { name: "decode, tiny size" }).waitFor();
  expect(await page.getByText("is running: stop it").count()).toBe(0);
  await page.getByText("tiny: a check, not a measurement").waitFor();
  await page.getByText("GPT-2's 12 layers of 768; at tiny size fewer and smaller ones").waitFor();
  await page.getByText("What the columns say").click();
  await page.getByText("the largest difference from float64").waitFor();
  expect((await page.locator("table.bench thead").innerText()).split(/\s*\t\s*/).slice(0, 5)).toEqual([
    ...["what", "on", "build", "share", "error"],
  ]);
  // As in a page that came without TLS.
  await page.evaluate(() => Object.defineProperty(navigator, "clipboard", { value: undefined }));
  await page.getByRole("button", { name: "Copy as JSON" }).click();
  await page.getByText("This browser does not let the page copy.").waitFor();
  await page.locator("select[name=suite]").selectOption("rows");
  expect(await page.locator("table.bench").count()).toBe(0);
  await page.getByRole("link", { name: "decode, tiny size" }).click();
  await page.locator("table.bench").waitFor();
  await changeAddress(page, "#bench?suite=x");
  await page.getByText("There is no suite “x”; this is matmul.").waitFor();
  expect(errors).toEqual([]);
});

test("what is under way is named, rows come turn by turn, and Stop keeps them", async () => {
  const { page, errors } = await openPage(here.browser, `${here.site.address}#bench?suite=matmul&size=quick`);
  await chooseOne(page);
  await Promise.all([
    page.getByText(/Turn 1 of 3, portable: .+, \d+ x \d+ x \d+/).waitFor(),
    page.getByRole("button", { name: "Run" }).click(),
  ]);
  await page.locator("table.bench").waitFor();
  expect(await page.locator("form :is(select, input):enabled").count()).toBe(0);
  await changeAddress(page, "#bench?suite=decode");
  await page.getByText("matmul, quick size is running: stop it to choose another.").waitFor();
  await page.getByRole("button", { name: "Stop" }).click();
  await page.getByText(/^unfinished: [012] of 3 turns are whole/).waitFor();
  expect(await page.getByText("is running: stop it").count()).toBe(0);
  expect(await page.locator("table.bench tbody tr").count()).toBe(suites.matmul.rows("quick").length);
  await page.getByRole("button", { name: "Copy as Markdown" }).waitFor();
  expect(errors).toEqual([]);
});

test("a run that is stopped before its first rows leaves those that were there", async () => {
  const { page, errors } = await openPage(here.browser, `${here.site.address}#bench?suite=rows&size=tiny`);
  await chooseOne(page);
  await page.getByRole("button", { name: "Run" }).click();
  await page.getByRole("button", { name: "Copy as JSON" }).waitFor();
  const seen = () => page.locator("table.bench").innerText();
  const before = await seen();
  // The same suite again, and another.
  for (const suite of ["rows", "matmul"]) {
    await changeAddress(page, `#bench?suite=${suite}&size=${suite === "rows" ? "tiny" : "full"}`);
    // In one task of the page: no row is measured so soon.
    const pressed = await page.getByRole("button", { name: "Run" }).evaluate((button: HTMLButtonElement) => {
      button.click();
      const word = button.textContent;
      button.click();
      return word;
    });
    expect(pressed).toBe("Stop");
    await page.getByText("Stopped before the first rows were measured.").waitFor();
  }
  await page.getByRole("link", { name: "rows, tiny size" }).click();
  await page.getByRole("button", { name: "Copy as JSON" }).waitFor();
  expect(await seen()).toBe(before);
  expect(errors).toEqual([]);
});

test("a tab that computes has a dot in the nav, and the bench says that it spoils figures", async () => {
  const words = "layers=1&heads=2&width=16&context=16&steps=100000";
  const { page } = await openPage(here.browser, `${here.site.address}#train?${words}`, { bypassCSP: true });
  await page.getByRole("button", { name: "Begin training" }).click();
  const dot = page.getByRole("link", { name: "Train training" });
  await dot.waitFor();
  await page.getByRole("link", { name: "Bench" }).click();
  await page.getByText("The Train tab is computing").waitFor();
  // The dot takes no room: on a phone the tabs stand in one line.
  await page.setViewportSize({ width: 375, height: 800 });
  expect((await page.locator("nav").boundingBox())?.height).toBeLessThan(60);
  await page.locator("select[name=suite]").selectOption("decode");
  await page.locator("select[name=size]").selectOption("tiny");
  await chooseOne(page);
  await page.getByRole("button", { name: "Run" }).click();
  await page.getByRole("button", { name: "Copy as JSON" }).waitFor();
  await page.getByText("the Train tab computed meanwhile: figures are too low").waitFor();
  expect(await violations(page)).toEqual([]);
  await page.getByRole("link", { name: "go there and pause it" }).click();
  await page.getByRole("button", { name: "Pause" }).click();
  await dot.waitFor({ state: "detached" });
  await page.getByRole("link", { name: "Bench" }).click();
  await page.getByText("The Train tab is computing").waitFor({ state: "detached" });
  // What was measured beside it stays doubtful.
  await page.getByText("the Train tab computed meanwhile: figures are too low").waitFor();
});

/** The portable build on one thread. */
async function chooseOne(page: Page): Promise<void> {
  await page.getByRole("checkbox").first().waitFor();
  for (const setup of await page.getByRole("checkbox", { name: /fast|threads/ }).all()) await setup.uncheck();
}
