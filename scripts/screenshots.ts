// Makes the README's pictures from finished runs:
//   npm start && npm run -s heed -- experiment bigram && npm run screenshots
import { existsSync, mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright";
import { launchOptions } from "./chromium";

const WIDTH = 960;

/** The top of each report, so many CSS pixels high. */
const pictures = [
  { report: "runs/grammar-gpt-1/report.html", picture: "docs/report.png", height: 1050 },
  { report: "runs/bigram/report.html", picture: "docs/bigram.png", height: 1480 },
];

process.chdir(fileURLToPath(new URL("..", import.meta.url)));
const missing = pictures.find(({ report }) => !existsSync(report));
if (missing)
  throw new Error(`screenshots: ${missing.report} is missing; run npm start and the experiment first`);
mkdirSync("docs", { recursive: true });
const browser = await chromium.launch(launchOptions("screenshots"));
try {
  for (const { report, picture, height } of pictures) {
    const page = await browser.newPage({ viewport: { width: WIDTH, height } });
    await page.goto(new URL(`../${report}`, import.meta.url).href);
    await page.screenshot({ path: picture });
    await page.close();
  }
} finally {
  await browser.close();
}
