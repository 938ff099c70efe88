// `npm run bench:browser -- SUITE...`: `heed bench` in headless Chromium, each build in a page of its own, served from memory.
import { createServer, type Server } from "node:http";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { type Browser, chromium } from "playwright";
import { launchOptions } from "../scripts/chromium";
import { newProgram, runWords } from "../src/terminal/command";
import { benchCommand, type Place, takeBenchWords } from "./command";
import type { Realm } from "./run";
import type { Turn } from "./session";

const CALL = "npm run bench:browser --";

process.exitCode = await runWords(process.argv.slice(2), (finish) =>
  takeBenchWords(newProgram(CALL), "page").action((suites, options) =>
    finish(benchCommand(suites, options, { name: "bench:browser", call: CALL, open: openBrowser })),
  ),
);

async function openBrowser(): Promise<Place> {
  const script = await bundle();
  const browser = await chromium.launch(launchOptions("bench:browser"));
  const server = await serve(script);
  return {
    host: `Chromium ${browser.version()}`,
    openRealm: () => openPage(browser, server),
    async close() {
      await browser.close();
      server.close();
    },
  };
}

async function bundle(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL("./page.ts", import.meta.url))],
    bundle: true,
    format: "esm",
    target: "es2022",
    platform: "browser",
    conditions: ["heed-source"],
    write: false,
    logLevel: "warning",
  });
  return outputFiles[0]!.text; // one entry, one file
}

/** A page with the bundle, cross-origin isolated: browsers give such pages shared memory and a finer clock. */
async function serve(script: string): Promise<Server> {
  const isolated = {
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-embedder-policy": "require-corp",
  };
  const pages: Readonly<Record<string, readonly [type: string, body: string]>> = {
    "/": [
      "text/html",
      '<!doctype html><title>heed bench</title><script type="module" src="/page.js"></script>',
    ],
    "/page.js": ["text/javascript", script],
  };
  const server = createServer((request, response) => {
    const [type, body] = pages[request.url ?? ""] ?? ["text/plain", ""];
    response.writeHead(body ? 200 : 204, { "content-type": type, ...isolated }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server;
}

async function openPage(browser: Browser, server: Server): Promise<Realm> {
  const address = server.address();
  if (address === null || typeof address === "string")
    throw new Error("bench:browser: the server has no port");
  const page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${address.port}/`);
  await page.waitForFunction("globalThis.heedBench");
  return {
    async turn(job, onProgress) {
      // What page.ts returns.
      const turn = (await page.evaluate((job) => globalThis.heedBench?.(job), job)) as Turn;
      onProgress(1);
      return turn;
    },
    close: () => void page.close(),
  };
}
