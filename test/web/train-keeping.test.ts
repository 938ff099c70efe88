// Where a run is kept: one tab of a browser keeps it there, and where the browser refuses, it is kept in memory as long as the page is there.
import type { Page } from "playwright";
import { expect, test } from "vitest";
import { openPage, playground, runEnds, tile, tileReaches } from "./page";

const SMALL = { layers: "1", heads: "2", width: "16", context: "16", batch: "4" };
/** Of a few checkpoints of this model. */
const ROOM_BYTES = 400_000;
const OTHER_TAB = "Another tab keeps its run in this browser: this run is kept in memory";

const here = playground();

function link(words: Readonly<Record<string, string>>): string {
  return `${here.site.address}#train?${new URLSearchParams({ ...SMALL, ...words })}`;
}

async function begin(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Begin training" }).click();
  await tileReaches(page, "Step", 1);
}

/** Trains to the end, goes back to the beginning, and to the end again. */
async function trainTwice(page: Page, steps: number): Promise<void> {
  await runEnds(page);
  const ended = await tile(page, "Held-out");
  await page.locator(".seek").fill("0");
  await expect.poll(() => tile(page, "Step")).toBe(0);
  await page.getByRole("button", { name: "Go on" }).click();
  await runEnds(page);
  expect(await tile(page, "Step")).toBe(steps);
  expect(await tile(page, "Held-out")).toBe(ended);
}

test("a second tab trains beside the first and leaves alone what that one keeps", async () => {
  const { page: first, errors } = await openPage(here.browser, link({ steps: "100000" }));
  await begin(first);
  await first.getByRole("button", { name: "Pause" }).click();
  await first.getByRole("button", { name: "Go on" }).waitFor();
  const paused = await tile(first, "Step");
  expect(await first.getByText("is kept in memory").count()).toBe(0);

  const second = await first.context().newPage();
  await second.goto(link({ steps: "60", seed: "2" }));
  await begin(second);
  await second.getByText(OTHER_TAB).waitFor();
  await trainTwice(second, 60);
  // A copy of what the first keeps, where no other run is asked for.
  const third = await first.context().newPage();
  await third.goto(`${here.site.address}#train`);
  await tileReaches(third, "Step", paused);
  await third.getByText(OTHER_TAB).waitFor();
  await third.getByRole("button", { name: "Go on" }).click();
  await tileReaches(third, "Step", paused + 100);

  await first.reload();
  await tileReaches(first, "Step", 1);
  expect(await tile(first, "Step")).toBe(paused);
  expect(await first.getByText("is kept in memory").count()).toBe(0);
  await second.getByRole("link", { name: "NBCE" }).click();
  await second.getByText("gpt on grammar, step 60").waitFor(); // its own
  const fourth = await first.context().newPage();
  await fourth.goto(`${here.site.address}#nbce`);
  await fourth.getByText(`gpt on grammar, step ${paused}`).waitFor();

  // The first gone, another may keep.
  await Promise.all([first, third, fourth].map((page) => page.close()));
  await second.getByRole("link", { name: "Train" }).click();
  await begin(second);
  await second.getByText(OTHER_TAB).waitFor({ state: "detached" });
  await runEnds(second);
  await second.reload();
  await tileReaches(second, "Step", 60);
  expect(errors).toEqual([]);
});

test("after a reload the run is this tab's again, however late the page before lets go of it", async () => {
  const address = link({ steps: "20" });
  const { page } = await openPage(here.browser, address);
  await begin(page);
  await runEnds(page);
  await page.goto("about:blank");
  // A page that is being left says nothing, and lets go.
  const before = await page.context().newPage();
  await before.goto(`${here.site.address}#nbce`);
  await before.evaluate(
    (milliseconds) =>
      new Promise<void>((taken) => {
        void navigator.locks.request("heed.training", () => {
          taken();
          return new Promise((resolve) => setTimeout(resolve, milliseconds));
        });
      }),
    1500,
  );
  await page.goto(address);
  await tileReaches(page, "Step", 20);
  expect(await page.getByText("is kept in memory").count()).toBe(0);
});

test("where the browser has no room any more, training goes on in memory, and a reload finds what it took", async () => {
  const { page, errors } = await openPage(here.browser, link({ steps: "600" }));
  const session = await page.context().newCDPSession(page);
  const { origin } = new URL(here.site.address);
  await session.send("Storage.overrideQuotaForOrigin", { origin, quotaSize: ROOM_BYTES });
  await begin(page);
  const note = page.getByText("This browser refuses to store the run (QuotaExceededError:");
  await note.waitFor();
  await trainTwice(page, 600);
  // Those that the browser took are there, and those in memory.
  expect(await page.locator(".seek").getAttribute("max")).toBe("20");
  const [, kept] =
    (await note.innerText()).match(/kept in memory, and a reload goes back to step (\d+)\./) ?? [];
  await page.reload();
  await tileReaches(page, "Step", 1);
  expect(await tile(page, "Step")).toBe(Number(kept));
  expect(errors).toEqual([]);
});

test("where the browser stores nothing, training goes on in memory, NBCE answers by that run, and nobody else finds it", async () => {
  const context = await here.browser.newContext({ viewport: { width: 1200, height: 1600 } });
  // What a browser does that is told to keep nothing of this site; in every part of the worker, where it has several.
  const denied = `Object.defineProperty(self, "indexedDB", { configurable: true, get() { throw new DOMException("denied", "SecurityError"); } });`;
  await context.route(/engine-.*\.js/, async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: `${denied}\n${await response.text()}` });
  });
  const page = await context.newPage();
  await page.goto(link({ steps: "60" }));
  await begin(page);
  await page
    .getByText(
      "This browser refuses to store the run (SecurityError: denied): this run is kept in memory, and a reload loses it.",
    )
    .waitFor();
  await trainTwice(page, 60);
  await page.getByRole("link", { name: "NBCE" }).click();
  await page.getByText("gpt on grammar, step 60").waitFor();
  const other = await context.newPage();
  await other.goto(`${here.site.address}#nbce`);
  await other.getByText("No model yet").waitFor();
  await page.getByRole("link", { name: "Train" }).click();
  await page.reload();
  await page.getByText("Or begin with one of these").waitFor(); // nothing is taken up
  expect(await page.locator(".error").allInnerTexts()).toEqual(["", ""]);
});
