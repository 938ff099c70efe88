// The NBCE tab with a run in it, for its tests.
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "playwright";
import { type Site, serveSite } from "../../scripts/serve-site";
import { heed } from "./heed";
import { launch, openPage, type Watched } from "./page";

export interface NbceSite {
  readonly browser: Browser;
  readonly address: string;
  /** Of its own, to write to. */
  readonly folder: string;
  /** The files of a run that has learnt nothing: characters of the grammar's sentences, a thousand at once. */
  readonly run: readonly string[];
  close(): Promise<void>;
}

export async function nbceSite(): Promise<NbceSite> {
  const [browser, site]: [Browser, Site] = await Promise.all([launch(), serveSite({ isolated: true })]);
  const folder = mkdtempSync(join(tmpdir(), "heed-web-"));
  const out = join(folder, "grammar");
  const tiny = "--layers 1 --heads 2 --width 16 --context 1000 --batch 1 --steps 1".split(" ");
  await heed("train", ...tiny, "--build", "portable", "--threads", "1", "--out", out);
  return {
    ...{ browser, address: site.address, folder },
    run: readdirSync(out).map((name) => join(out, name)),
    async close() {
      await browser.close();
      site.close();
      rmSync(folder, { recursive: true });
    },
  };
}

/** The tab with that run; the words of a question are those of its address. */
export async function openWithRun(
  { browser, address, run }: NbceSite,
  words: Readonly<Record<string, string>>,
): Promise<Watched> {
  const watched = await openPage(browser, `${address}#nbce?${new URLSearchParams(words)}`, {
    bypassCSP: true,
  });
  await watched.page.locator("input[type=file]").setInputFiles(run);
  await watched.page.getByText("Model: gpt on grammar").waitFor();
  return watched;
}

/** Presses Ask and waits for an answer of so many tokens. */
export async function answered(page: Page, tokens: number): Promise<void> {
  await page.getByRole("button", { name: "Ask" }).click();
  await page.waitForFunction(
    (tokens) => document.querySelectorAll(".strip .speaker").length === tokens,
    tokens,
  );
  await page.getByRole("button", { name: "Ask" }).waitFor();
}
