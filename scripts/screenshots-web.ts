// Makes the pictures of the playground: every tab after it has done something, light, dark and on a phone. `npm run screenshots` runs this
// after the page is built.
import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { chromium, type Page } from "playwright";
import { launchOptions } from "./chromium";
import { serveSite } from "./serve-site";

const FOLDER = "docs/playground";
const LOOKS = [
  { name: "light", colorScheme: "light", viewport: { width: 1120, height: 1000 } },
  { name: "dark", colorScheme: "dark", viewport: { width: 1120, height: 1000 } },
  { name: "phone", colorScheme: "light", viewport: { width: 375, height: 1000 } },
] as const;
interface TabPicture {
  readonly hash: string;
  /** Makes the tab do what it is for, and waits for it. */
  readonly act: (page: Page) => Promise<unknown>;
  /** What a phone shows first, and the dark picture; the top of the page without it. */
  readonly first?: string;
}

const begin = (page: Page, name: string) => page.getByRole("button", { name, exact: true }).click();
const tabs: Readonly<Record<string, TabPicture>> = {
  train: {
    hash: "#train",
    act: async (page) => {
      await begin(page, "Two layers learn to copy");
      await page.locator(".bar button.main:disabled", { hasText: "Go on" }).waitFor();
    },
    first: "section[aria-label=Run]",
  },
  experiments: {
    hash: "#experiments?name=heads-on-text&size=smoke&prompt=The+cat+sleeps.",
    act: async (page) => {
      await begin(page, "Run");
      await page.locator(".claims").first().waitFor();
      await page.locator(".viewer canvas.zoom").click();
    },
    first: ".report figure:has(.viewer)",
  },
  // Answers with the model that the first tab has trained.
  nbce: {
    hash: "#nbce",
    act: async (page) => {
      await begin(page, "Ask");
      await page.getByRole("button", { name: "Ask" }).waitFor();
    },
    first: "section[aria-label=Answer]",
  },
  bench: {
    hash: "#bench?suite=matmul&size=quick",
    act: async (page) => {
      await page.locator("button.main:enabled").waitFor();
      for (const box of await page.getByLabel(/threads/).all()) await box.uncheck();
      await begin(page, "Run");
      await page.getByRole("button", { name: "Copy as JSON" }).waitFor();
    },
  },
};

process.chdir(fileURLToPath(new URL("..", import.meta.url)));
mkdirSync(FOLDER, { recursive: true });
const site = await serveSite({ isolated: true });
const browser = await chromium.launch(launchOptions("screenshots"));
try {
  const context = await browser.newContext();
  context.setDefaultTimeout(120_000);
  for (const [tab, { hash, act, first = "body" }] of Object.entries(tabs)) {
    const page = await context.newPage();
    await page.goto(site.address + hash);
    await act(page);
    for (const { name, colorScheme, viewport } of LOOKS) {
      await page.setViewportSize(viewport);
      await page.emulateMedia({ colorScheme });
      const top = page.locator(name === "light" ? "body" : first);
      await top.evaluate((element) => element.scrollIntoView());
      await page.waitForTimeout(500); // charts are drawn anew
      await page.screenshot({ path: `${FOLDER}/${tab}-${name}.png` });
    }
    await page.close();
  }
} finally {
  await browser.close();
  site.close();
}
