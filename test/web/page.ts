// A page of the playground as the tests hold it: what it asks the network for and what goes wrong in it are written down.
import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { unzipSync } from "fflate";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright";
import { afterAll, beforeAll } from "vitest";
import { launchOptions } from "../../scripts/chromium";
import { type Site, serveSite } from "../../scripts/serve-site";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

export interface Watched {
  readonly page: Page;
  /** Addresses of all requests. */
  readonly requests: readonly string[];
  /** Errors of scripts, and what the browser refused. */
  readonly errors: readonly string[];
}

export function launch(): Promise<Browser> {
  return chromium.launch(launchOptions("test:web"));
}

export interface Playground {
  readonly browser: Browser;
  readonly site: Site;
}

/** A browser, and the page on a host that isolates it, for the tests of one file. */
export function playground(): Playground {
  let made: Playground | undefined;
  beforeAll(async () => {
    const [browser, site] = await Promise.all([launch(), serveSite({ isolated: true })]);
    made = { browser, site };
  });
  afterAll(async () => {
    await made?.browser.close();
    made?.site.close();
  });
  const here = () => made!; // tests run after beforeAll
  return {
    get browser() {
      return here().browser;
    },
    get site() {
      return here().site;
    },
  };
}

/** A browser that remembers nothing of other tests. */
export async function openPage(
  browser: Browser,
  address: string,
  options: BrowserContextOptions = {},
): Promise<Watched> {
  const context = await browser.newContext({ viewport: { width: 1200, height: 1600 }, ...options });
  const page = await context.newPage();
  const requests: string[] = [];
  const errors: string[] = [];
  context.on("request", (request) => requests.push(request.url()));
  page.on("pageerror", (error) => errors.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error") errors.push(message.text());
  });
  await page.goto(address);
  await page.getByRole("heading", { level: 1 }).waitFor();
  return { page, requests, errors };
}

/** As somebody does who edits what stands behind the # of the address. */
export async function changeAddress(page: Page, hash: string): Promise<void> {
  await page.evaluate((hash) => location.assign(hash), hash);
}

/** Presses Run, and in the same moment asks by the address for something else: before any run can have ended. */
export async function runAndAsk(page: Page, hash: string): Promise<void> {
  const button = page.locator("main button:enabled:visible", { hasText: /^Run$/ });
  await button.evaluate((button: HTMLElement, hash) => {
    button.click();
    location.assign(hash);
  }, hash);
}

/** The number of a tile. */
export async function tile(page: Page, name: string): Promise<number> {
  const text = await page.locator(".tiles div", { hasText: name }).locator("dd").first().innerText();
  return Number.parseFloat(text.replaceAll(",", ""));
}

/** Waits until the tile shows at least so much. */
export async function tileReaches(page: Page, name: string, least: number): Promise<void> {
  await page.waitForFunction(
    ([name, least]) =>
      [...document.querySelectorAll(".tiles div")].some(
        (tile) =>
          tile.querySelector("dt")?.textContent === name &&
          Number.parseFloat(tile.querySelector("dd")?.textContent?.replaceAll(",", "") ?? "") >= least,
      ),
    [name, least] as const,
  );
}

/**
 * Waits until the run has taken all its steps. What is read of it then is of its end, and the browser keeps it: the step stands in its tile
 * before the run is evaluated and kept there.
 */
export async function runEnds(page: Page): Promise<void> {
  await page.getByText("Done: all steps are taken.").waitFor();
}

/** Begins the run and presses Pause at this step or soon after it: inside the page, so that no run is over before, however late this process is. */
export async function beginAndPause(page: Page, step: number): Promise<void> {
  const pressed = page.waitForFunction((least) => {
    const shown = document.querySelector(".tiles dd")?.textContent?.replaceAll(",", "") ?? "";
    const pause = [...document.querySelectorAll("button")].find(({ textContent }) => textContent === "Pause");
    if (!pause || !(Number.parseFloat(shown) >= least)) return false;
    pause.click();
    return true;
  }, step);
  await page.getByRole("button", { name: "Begin training" }).click();
  await pressed;
  await page.getByRole("button", { name: "Go on" }).waitFor();
}

/** The file that the action makes the browser save. */
export async function saved(page: Page, action: () => Promise<void>): Promise<Uint8Array> {
  const [download] = await Promise.all([page.waitForEvent("download"), action()]);
  return new Uint8Array(await readFile(await download.path()));
}

/** A file of the run that the page saves, as text. */
export async function savedFile(page: Page, name: string): Promise<string> {
  const zip = unzipSync(await saved(page, () => page.getByRole("button", { name: "Save run" }).click()));
  return new TextDecoder().decode(zip[name]);
}

/** Rule and place of everything that axe finds, light and dark; the page must have been opened with `bypassCSP`. */
export async function violations(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  const found: string[] = [];
  for (const colorScheme of ["dark", "light"] as const) {
    await page.emulateMedia({ colorScheme });
    const here = await page.evaluate(async () => {
      const { axe } = globalThis as unknown as { axe: typeof import("axe-core") };
      const { violations } = await axe.run();
      return violations.flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target.join(" ")}`));
    });
    found.push(...here.map((violation) => `${colorScheme}, ${violation}`));
  }
  return found;
}

/** How wide the page is on a phone of 375 pixels: more, and it scrolls sideways. The page stays so narrow. */
export async function widthOnPhone(page: Page): Promise<number> {
  await page.setViewportSize({ width: 375, height: 800 });
  return page.evaluate(() => document.documentElement.scrollWidth);
}

/** Presses Tab until the element of this name (its label, or its text) has the focus, and the browser shows that it has. */
export async function tabTo(page: Page, name: string): Promise<void> {
  for (let press = 0; press < 80; press++) {
    await page.keyboard.press("Tab");
    if ((await focused(page)) === name) return;
  }
  throw new Error(`no key leads to "${name}"`);
}

/** The name of what has the focus; nothing where no frame around it shows that. */
export function focused(page: Page): Promise<string | undefined> {
  return page.evaluate(() => {
    const element = document.querySelector(":focus-visible");
    return (element?.getAttribute("aria-label") ?? element?.textContent ?? undefined)?.trim();
  });
}
