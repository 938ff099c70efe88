// Runs every experiment at full size, as `heed claims --full` does, and writes EXPERIMENTS.md and its figures from the results in runs/.
//
//   npm run experiments                       runs what is not finished, then writes
//   npm run experiments -- --workers 1        words after -- go to heed claims
//   npm run experiments -- --write-only       writes from the results that are there
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { type Browser, chromium } from "playwright";
import { heed } from "../src/cli/program";
import { sourceDigests } from "../src/cli/source-digest";
import { experiments } from "../src/experiments";
import type { Experiment } from "../src/experiments/experiment";
import type { Result } from "../src/experiments/result";
import { type PageFigure, renderExperimentsPage, type SeenResult } from "../src/report/experiments-page";
import { launchOptions } from "./chromium";

const PAGE = "EXPERIMENTS.md";
const PICTURES = "docs/experiments";
/** The first figures of a report are the most telling ones. */
const FIGURES = 2;
/** Of the page, in CSS pixels: the widest whose picture is no heavier than it may be. */
const WIDTHS = [864, 760, 660];
const HEAVIEST_BYTES = 60_000;
/** What is said below a picture stands in the page as text; labels at the edge of a plot reach over it. */
const STYLE = "figure h3, figcaption, figure details { display: none; } figure { padding: 6px 12px; }";
const HOW =
  "This page is generated, with its figures, by `npm run experiments` from the results in `runs/`; `npm run experiments -- --write-only` writes it again without running anything. Every claim is shown as it was judged: those that fail and those that decide nothing stand beside the others.";
/** Of a command that was called wrongly. */
const MISUSED = 2;

const registry: Readonly<Record<string, Experiment>> = experiments;

process.chdir(fileURLToPath(new URL("..", import.meta.url)));
const words = process.argv.slice(2);
const rest = words.filter((word) => word !== "--write-only");
const code = rest.length < words.length ? 0 : await heed(["claims", "--full", ...rest]);
if (code !== MISUSED) await write();
process.exitCode = code;

async function write(): Promise<void> {
  const sources = sourceDigests(Object.keys(registry));
  rmSync(PICTURES, { recursive: true, force: true });
  mkdirSync(PICTURES, { recursive: true });
  const browser = await chromium.launch(launchOptions("experiments"));
  try {
    const entries = [];
    for (const [name, { question, paper, grid }] of Object.entries(registry)) {
      const seen = await seenResult(name, sources[name]!, browser); // a digest for each name
      entries.push({ name, question, paper, budgetSeconds: grid.full.budgetSeconds, seen });
    }
    writeFileSync(PAGE, renderExperimentsPage(entries, HOW));
    const count = entries.filter(({ seen }) => seen).length;
    process.stdout.write(`wrote ${PAGE}, ${count} of ${entries.length} experiments have results\n`);
  } finally {
    await browser.close();
  }
}

/** `undefined` where the experiment has not been run. */
async function seenResult(name: string, source: string, browser: Browser): Promise<SeenResult | undefined> {
  const [path, report] = [join("runs", name, "result.json"), join("runs", name, "report.html")];
  if (!existsSync(path) || !existsSync(report)) return undefined;
  const result: Result = JSON.parse(readFileSync(path, "utf8")); // written by heed alone
  const figures = await pictures(name, report, browser);
  return { result, current: result.stamp.source === source, figures };
}

/** Pictures of the report's first still figures, with what it says of them. */
async function pictures(name: string, report: string, browser: Browser): Promise<PageFigure[]> {
  const page = await browser.newPage();
  try {
    await page.goto(pathToFileURL(report).href);
    await page.addStyleTag({ content: STYLE });
    const still = page.locator("figure:not(:has(canvas))");
    const made: PageFigure[] = [];
    for (let i = 0; i < Math.min(FIGURES, await still.count()); i++) {
      const figure = still.nth(i);
      const path = `${PICTURES}/${name}-${i + 1}.png`;
      for (const width of WIDTHS) {
        await page.setViewportSize({ width, height: 1000 });
        if ((await figure.screenshot({ path })).length <= HEAVIEST_BYTES) break;
      }
      const textOf = async (part: string) => (await figure.locator(part).textContent()) ?? "";
      made.push({ path, title: await textOf("h3"), caption: await textOf("figcaption") });
    }
    return made;
  } finally {
    await page.close();
  }
}
