// `npm run bench:browser -- SUITE...`: the same suites in headless Chromium, each build in a page of its own, served from memory.
import { createServer, type Server } from "node:http";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { build } from "esbuild";
import { type Browser, chromium } from "playwright";
import { launchOptions } from "../scripts/chromium";
import { describeMachine } from "../src/cli/bench";
import { Output } from "../src/cli/output";
import { startProgress } from "../src/cli/progress";
import { VERSION } from "../src/cli/version";
import { type Realm, runSuite, type Setup } from "./run";
import type { Turn } from "./session";
import { type SuiteName, suites } from "./suites";
import { suiteTable } from "./table";

const PARTS = 1000;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: "boolean", default: false },
    build: { type: "string", default: "both" },
    json: { type: "string" },
  },
});

const output = new Output(values.json);
const server = await serve(await bundle());
const browser = await chromium.launch(launchOptions("bench:browser"));
try {
  const machine = describeMachine();
  const version = `Chromium ${browser.version()}`;
  output.say(`heed ${VERSION}, ${version}, ${machine.processor} x ${machine.cores}, ${machine.date}`);
  const results = [];
  for (const suite of chosen(positionals)) {
    const progress = startProgress(`bench ${suite}`, PARTS);
    const result = await runSuite(suite, {
      setups: setups(values.build),
      size: values.quick ? "quick" : "full",
      openRealm: () => openPage(browser, server),
      onProgress: (part) => progress.update(Math.floor(PARTS * part)),
    });
    progress.stop();
    output.say(`\n${suite}: ${suites[suite].what}\n${suiteTable(result)}`);
    results.push(result);
  }
  output.finish({ command: "bench:browser", version: VERSION, ...machine, host: version, suites: results });
} finally {
  await browser.close();
  server.close();
}

function chosen(names: readonly string[]): SuiteName[] {
  const all = Object.keys(suites) as SuiteName[]; // a closed literal
  const unknown = names.find((name) => !all.some((suite) => suite === name));
  if (unknown !== undefined)
    throw new Error(`bench:browser: a suite must be one of ${all.join(", ")}, got "${unknown}"`);
  return names.length === 0 ? all : all.filter((suite) => names.includes(suite));
}

function setups(name: string): Setup[] {
  const all = [
    { build: "portable", threads: 1 },
    { build: "fast", threads: 1 },
  ] as const;
  const picked = all.filter(({ build }) => name === "both" || build === name);
  if (picked.length === 0)
    throw new Error(`bench:browser: --build must be portable, fast or both, got "${name}"`);
  return picked;
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
