// The page itself: its weight, its isolation, what it lets out, and whether everyone can use it.
import { gzipSync } from "node:zlib";
import type { Browser } from "playwright";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Site, serveSite } from "../../scripts/serve-site";
import { PATIENCE_MS } from "../../src/web/isolation";
import { focused, launch, openPage, tabTo, tileReaches, violations, widthOnPhone } from "./page";

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

test("the licences of what the page and its workers bundle stand beside them", async () => {
  const text = await (await fetch(new URL("THIRD-PARTY.txt", isolated.address))).text();
  for (const name of ["lit-html", "uplot", "ml-matrix", "linkedom", "assemblyscript"])
    expect(text).toMatch(new RegExp(`^${name} \\d+\\.\\d+\\.\\d+ \\(`, "m"));
});

test("a host without headers is isolated by the service worker, from the second load on", async () => {
  const { page, requests } = await openPage(browser, plain.address);
  if (!(await page.evaluate(() => crossOriginIsolated))) {
    // The browser took longer than the page waits for it: then it is the next load.
    expect(await page.evaluate(() => performance.now())).toBeGreaterThan(PATIENCE_MS);
    await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
    await page.reload();
    await page.getByRole("heading", { level: 1 }).waitFor();
  }
  expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
  expect(await page.getByText("One thread:").count()).toBe(0);
  expect(requests.filter((address) => !address.startsWith(plain.address))).toEqual([]);
  // Where the host sends its own file elsewhere, too.
  await page.goto(`${plain.address}index.html`);
  await page.getByRole("heading", { level: 1 }).waitFor();
  expect(page.url()).toMatch(new RegExp(`^${plain.address}(#|$)`));
});

test("without isolation the page says so", async () => {
  const { page } = await openPage(browser, plain.address, { serviceWorkers: "block" });
  await page.getByText("One thread: this page is not cross-origin isolated").waitFor();
});

test("an isolated page says so, too, where its browser shares no memory, as WebKit on Linux", async () => {
  const page = await (await browser.newContext()).newPage();
  await page.addInitScript(() => Reflect.deleteProperty(globalThis, "SharedArrayBuffer"));
  await page.goto(isolated.address);
  await page.getByText("One thread: this browser shares no memory.").waitFor();
  expect(await page.locator("select[name=threads] option").allInnerTexts()).toEqual(["auto", "1"]);
});

test("names of tabs stay where they are, whichever is chosen", async () => {
  const { page } = await openPage(browser, isolated.address);
  const links = page.locator("nav a");
  const places = () => links.evaluateAll((all) => all.map((link) => link.getBoundingClientRect().x));
  const before = await places();
  for (const name of ["NBCE", "Bench"]) {
    await page.getByRole("link", { name, exact: true }).click();
    await page.locator("nav a[aria-current=page]", { hasText: name }).waitFor();
    expect(await places()).toEqual(before);
  }
});

test("an address of a tab that there is not is said in a sentence", async () => {
  const { page } = await openPage(browser, `${isolated.address}#nowhere`);
  await page.getByText("There is no tab “nowhere”; this is Train.").waitFor();
  await page.getByRole("link", { name: "Bench" }).click();
  await page.getByText("There is no tab").waitFor({ state: "detached" });
});

test("where the browser's language is no tag, as on some Linux, runs are drawn all the same", async () => {
  const locale = "en-US@posix";
  const { page, errors } = await openPage(browser, `${isolated.address}#train?${SMALL}`, { locale });
  expect(await page.evaluate(() => navigator.language)).toBe(locale);
  await page.getByRole("button", { name: "Begin training" }).click();
  await tileReaches(page, "Step", 20);
  await page.locator(".uplot canvas").first().waitFor();
  expect(errors).toEqual([]);
});

test("figures that follow the width of the window raise no error", async () => {
  const { page } = await openPage(browser, `${isolated.address}#train?${SMALL}`);
  const raised = await page.evaluateHandle(() => {
    const messages: string[] = [];
    addEventListener("error", ({ message }) => messages.push(message));
    return messages;
  });
  await page.getByRole("button", { name: "Begin training" }).click();
  await tileReaches(page, "Step", 20);
  await page.locator(".heads button").first().waitFor();
  const figures = page.locator(".uplot canvas, canvas.zoom");
  const widths = () => figures.evaluateAll((all) => all.map(({ clientWidth }) => clientWidth));
  for (const width of [375, 300]) {
    const before = await widths();
    await page.setViewportSize({ width, height: 800 });
    await expect.poll(async () => (await widths()).every((width, at) => width < before[at]!)).toBe(true);
  }
  expect(await raised.jsonValue()).toEqual([]);
});

test("a tab that cannot be loaded says so, and shows nothing of another", async () => {
  const { page } = await openPage(browser, isolated.address);
  await page.context().route(/\/tab-.*\.js/, (route) => route.abort());
  await page.getByRole("link", { name: "Bench" }).click();
  await page.getByText("The tab Bench could not be loaded: ").waitFor();
  expect(await page.getByRole("heading", { level: 1 }).filter({ visible: true }).count()).toBe(0);
  expect(await page.title()).toBe("Bench · heed");
  await page.getByRole("link", { name: "Train" }).click();
  await page.getByText("Train attention in this tab").waitFor();
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

test("no rule of accessibility is broken, and a phone shows all of it without scrolling sideways", async () => {
  const { page } = await openPage(browser, `${isolated.address}#train?${SMALL}`, { bypassCSP: true });
  expect(await violations(page)).toEqual([]);
  await page.getByRole("button", { name: "Begin training" }).click();
  await tileReaches(page, "Step", 20);
  await page.locator(".heads button").first().waitFor();
  await page.getByText("All other settings").click();
  expect(await violations(page)).toEqual([]);
  expect(await widthOnPhone(page)).toBe(375);
});

test("a phone shows the run once it has begun", async () => {
  const { page } = await openPage(browser, `${isolated.address}#train?${SMALL}`, {
    viewport: { width: 375, height: 800 },
  });
  await page.getByRole("button", { name: "Begin training" }).click();
  await tileReaches(page, "Step", 1);
  expect((await page.locator(".run").boundingBox())?.y).toBeCloseTo(0, 0);
});

test("keys alone go through the tabs, train and pause, and move among heads and cells", async () => {
  const words = SMALL.replace("steps=20", "steps=100000");
  const { page, errors } = await openPage(browser, `${isolated.address}#train?${words}`);
  const heading = page.getByRole("heading", { level: 1 }).filter({ visible: true });
  await page.keyboard.press("Tab");
  expect(await focused(page)).toBe("Skip to the content");
  for (const [tab, title] of [
    ["Experiments", "Research that runs here"],
    ["NBCE", "Answers from more contexts than fit at once"],
    ["Bench", "How fast is this browser?"],
  ] as const) {
    await tabTo(page, tab);
    await page.keyboard.press("Enter");
    await page.getByText(title).waitFor();
    expect(await heading.allInnerTexts()).toEqual([title]);
  }
  for (const tab of ["NBCE", "Experiments", "Train"]) {
    await page.keyboard.press("Shift+Tab");
    expect(await focused(page)).toBe(tab);
  }
  await page.keyboard.press("Enter");
  await page.getByText("Train attention in this tab").waitFor();

  await page.getByRole("button", { name: "Begin training", disabled: false }).waitFor();
  await tabTo(page, "Begin training");
  await page.keyboard.press("Enter");
  await tileReaches(page, "Step", 1);
  await tabTo(page, "Pause");
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Go on" }).waitFor();
  expect(await focused(page)).toBe("Go on");

  await page.locator(".heads button").first().waitFor();
  await tabTo(page, "layer 0, head 0");
  await page.keyboard.press("ArrowRight");
  expect(await focused(page)).toBe("layer 0, head 1");
  expect(await page.locator(".head-name").innerText()).toBe("Layer 0, head 1");
  const readout = page.locator(".readout");
  await page.keyboard.press("Shift+ArrowRight");
  expect(await readout.innerText()).toMatch(/^dest 15 .* ← src 0 .*: \d\.\d\d.*\(locked, Escape unlocks\)$/);
  await page.keyboard.press("Shift+ArrowUp");
  expect(await readout.innerText()).toMatch(/^dest 14 .* ← src 0 /);
  await page.keyboard.press("Escape");
  expect(await readout.innerText()).toMatch(/^Point at a cell/);
  expect(await focused(page)).toBe("layer 0, head 1");
  expect(errors).toEqual([]);
});
