// Pieces of heed in Node processes of their own: each has its realm, its runtime, and an end.
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { build } from "esbuild";
import { afterAll, beforeAll } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
/** A process that is not over by then hangs. */
const TIMEOUT_MS = 60_000;

/**
 * A function that runs a body in a fresh Node, which must end by itself, and gives what it returns, or the message of its error. The
 * body sees `names` by file, from the repository's root, `module(name)`, which compiles a build, and what `prelude` declares.
 */
export function freshProcess(names: Readonly<Record<string, string>>, prelude = "") {
  const folder = mkdtempSync(join(tmpdir(), "heed-process-"));
  const bundle = join(folder, "heed.mjs");
  const exported = Object.entries(names).map(([file, list]) => `export { ${list} } from "./${file}";`);
  // Bundled once: a fresh process then starts in no time.
  beforeAll(async () => {
    await build({
      stdin: { contents: exported.join("\n"), resolveDir: root },
      bundle: true,
      format: "esm",
      platform: "node",
      conditions: ["heed-source"],
      outfile: bundle,
      logLevel: "error",
    });
  }, TIMEOUT_MS);
  afterAll(() => rmSync(folder, { recursive: true }));

  return async (body: string): Promise<unknown> => {
    const code = `
      import { readFileSync } from "node:fs";
      import { setFlagsFromString } from "node:v8";
      import { ${Object.values(names).join(", ")} } from ${JSON.stringify(pathToFileURL(bundle).href)};
      const module = (name) => new WebAssembly.Module(readFileSync(${JSON.stringify(join(root, "build"))} + "/" + name + ".wasm"));
      ${prelude}
      const run = async () => { ${body} };
      console.log(JSON.stringify(await run().catch((error) => error.message)));`;
    const args = ["--input-type=module", "--eval", code];
    const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: TIMEOUT_MS });
    return JSON.parse(stdout);
  };
}
