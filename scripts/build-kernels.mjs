// Compiles assembly/ to build/*.wasm, one file per target of asconfig.json, and beside each a module with the same
// bytes in base64 (build/*.wasm.js) for the imports in src/. Does nothing when nothing changed.
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

function modified(path) {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
