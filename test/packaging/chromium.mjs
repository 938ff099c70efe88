// Opens built pages in headless Chromium, from a server on the loopback address.
import { accessSync, constants, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { delimiter, extname, join, normalize } from "node:path";
import { chromium } from "playwright";

const PATIENCE_MS = 60_000;
const types = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".wasm": "application/wasm",
};
const entry = { vite: "dist/index.html" };

/** Calls `visit(app, result)` for each app, one after the other; `result()` waits for what the page left in `heedResult`. */
export async function pageResults(folder, apps, visit) {
  if (apps.length === 0) return;
  const server = createServer((request, response) => serve(folder, request, response));
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const browser = await chromium.launch({
    executablePath: executable(),
    args: ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });
  try {
    for (const app of apps) {
      await visit(app, async () => {
        const page = await browser.newPage();
        const problems = [];
        page.on("pageerror", (error) => problems.push(String(error)));
        page.on("console", (message) => message.type() === "error" && problems.push(message.text()));
        const url = `http://127.0.0.1:${server.address().port}/${app}/${entry[app] ?? "index.html"}`;
        await page.goto(url);
        try {
          await page.waitForFunction("globalThis.heedResult", undefined, { timeout: PATIENCE_MS });
        } catch (cause) {
          throw new Error(`the page must leave a result, got ${problems.join("; ") || "nothing"}`, { cause });
        }
        const result = await page.evaluate("globalThis.heedResult");
        await page.close();
        return result;
      });
    }
  } finally {
    await browser.close();
    server.close();
  }
}

function serve(folder, request, response) {
  const path = normalize(decodeURIComponent(new URL(request.url, "http://localhost").pathname));
  try {
    const body = readFileSync(join(folder, path));
    response.writeHead(200, { "content-type": types[extname(path)] ?? "application/octet-stream" }).end(body);
  } catch {
    // Browsers ask for an icon, and a missing one is not an error of the page.
    response.writeHead(path.endsWith(".ico") ? 204 : 404).end();
  }
}

/** CHROME_PATH, or the first Chromium or Chrome on PATH. */
function executable() {
  const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
  const onPath = (process.env.PATH ?? "")
    .split(delimiter)
    .flatMap((place) => names.map((name) => join(place, name)));
  const found = [process.env.CHROME_PATH, ...onPath].find((path) => path && isExecutable(path));
  if (!found)
    throw new Error(
      "test:packaging: no Chromium found; install it (Debian: apt-get install chromium) or set CHROME_PATH",
    );
  return found;
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
