// Opens built pages in headless Chromium, each from a server on the loopback address.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { chromium } from "playwright";
import { launchOptions } from "../../scripts/chromium";

const PATIENCE_MS = 60_000;
const types = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".wasm": "application/wasm",
};
/** Where an app's page lies; vite builds one that wants to stand at the top of its site. */
const sites = { vite: "vite/dist" };

/** Calls `visit(app, result)` for each app, one after the other; `result()` waits for what the page left in `heedResult`. */
export async function pageResults(folder, apps, visit) {
  if (apps.length === 0) return;
  const browser = await chromium.launch(launchOptions("test:packaging"));
  try {
    for (const app of apps) {
      await visit(app, async () => {
        const site = join(folder, sites[app] ?? app);
        const server = createServer((request, response) => serve(site, request, response));
        await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
        const page = await browser.newPage();
        const problems = [];
        page.on("pageerror", (error) => problems.push(String(error)));
        page.on("console", (message) => message.type() === "error" && problems.push(message.text()));
        try {
          await page.goto(`http://127.0.0.1:${server.address().port}/index.html`);
          await page.waitForFunction("globalThis.heedResult", undefined, { timeout: PATIENCE_MS });
          return await page.evaluate("globalThis.heedResult");
        } catch (cause) {
          throw new Error(`the page must leave a result, got ${problems.join("; ") || cause.message}`, {
            cause,
          });
        } finally {
          await page.close();
          server.close();
        }
      });
    }
  } finally {
    await browser.close();
  }
}

function serve(site, request, response) {
  const path = normalize(decodeURIComponent(new URL(request.url, "http://localhost").pathname));
  try {
    const body = readFileSync(join(site, path));
    response.writeHead(200, { "content-type": types[extname(path)] ?? "application/octet-stream" }).end(body);
  } catch {
    // Browsers ask for an icon, and a missing one is not an error of the page.
    response.writeHead(path.endsWith(".ico") ? 204 : 404).end();
  }
}

/** CHROME_PATH, or the first Chromium or Chrome on PATH. */
