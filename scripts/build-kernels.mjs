// Compiles assembly/ to build/*.wasm, one file per target of asconfig.json, and beside each a module with the same
// bytes in base64 (build/*.wasm.js) for the imports in src/. Bundles src/runtime/worker.ts, the script of a thread, to build/worker.js,
// a module that holds its text. Does nothing when nothing changed.
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import asc from "assemblyscript/asc";

process.chdir(fileURLToPath(new URL("..", import.meta.url)));
/** What a target compiles when it is not the whole catalogue. (asc resolves a transform's path on the command line only.) */
const special = { "one-call": ["assembly/one_call.ts", "--transform", "./assembly/as-bind-transform.mjs"] };
const targets = Object.keys(JSON.parse(readFileSync("asconfig.json", "utf8")).targets);
const sources = readdirSync("assembly").map((name) => join("assembly", name));
const newest = Math.max(...["asconfig.json", "scripts/build-kernels.mjs", ...sources].map(modified));

for (const target of targets) {
  const embedded = `build/${target}.wasm.js`;
  if (modified(embedded) > newest) continue;
  // Compiled beside and moved in one step each, so that nobody who imports meets half a file.
  const fresh = `build/.${process.pid}`;
  mkdirSync(fresh, { recursive: true });
  const what = special[target] ?? ["assembly/index.ts"];
  const { error, stderr, stdout } = await asc.main([
    ...what,
    "--target",
    target,
    "--outFile",
    `${fresh}/${target}.wasm`,
  ]);
  if (error) {
    process.stderr.write(`build-kernels: ${target} does not compile\n${stdout}${stderr}`);
    rmSync(fresh, { recursive: true });
    process.exit(1);
  }
  const bytes = readFileSync(`${fresh}/${target}.wasm`);
  rmSync(`${fresh}/${target}.js`); // asc's own instantiation code; kernels.ts does that
  writeFileSync(`${fresh}/${target}.wasm.d.ts`, "declare const base64: string;\nexport default base64;\n");
  writeFileSync(
    `${fresh}/${target}.wasm.js`,
    `export default ${JSON.stringify(bytes.toString("base64"))};\n`,
  );
  for (const name of readdirSync(fresh)) renameSync(join(fresh, name), join("build", name));
  rmSync(fresh, { recursive: true });
  process.stderr.write(`built ${target}.wasm, ${bytes.length} bytes\n`);
}

// What worker.ts imports lies in these two folders.
const scripts = ["src/runtime", "src/platform"].flatMap((folder) =>
  readdirSync(folder).map((name) => join(folder, name)),
);
if (modified("build/worker.js") <= Math.max(...["scripts/build-kernels.mjs", ...scripts].map(modified))) {
  const { build } = await import("esbuild");
  const { outputFiles } = await build({
    entryPoints: ["src/runtime/worker.ts"],
    bundle: true,
    minify: true,
    format: "iife",
    target: "es2022",
    write: false,
    logLevel: "warning",
  });
  const fresh = `build/.worker.${process.pid}`;
  writeFileSync("build/worker.d.ts", "declare const source: string;\nexport default source;\n");
  writeFileSync(fresh, `export default ${JSON.stringify(outputFiles[0].text.trim())};\n`);
  renameSync(fresh, "build/worker.js");
  process.stderr.write(`built worker.js, ${outputFiles[0].contents.length} bytes\n`);
}

function modified(path) {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
