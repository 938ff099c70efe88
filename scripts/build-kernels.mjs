// Compiles assembly/ to build/*.wasm, one file per target of asconfig.json, and beside each a module with the same
// bytes in base64 (build/*.wasm.js) for the lazy import in src/runtime/instance.ts. Does nothing when nothing changed.
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import asc from "assemblyscript/asc";

process.chdir(fileURLToPath(new URL("..", import.meta.url)));
const targets = Object.keys(JSON.parse(readFileSync("asconfig.json", "utf8")).targets);
const sources = readdirSync("assembly").map((name) => join("assembly", name));
const newest = Math.max(...["asconfig.json", "scripts/build-kernels.mjs", ...sources].map(modified));

for (const target of targets) {
  const embedded = `build/${target}.wasm.js`;
  if (modified(embedded) > newest) continue;
  mkdirSync("build", { recursive: true });
  const { error, stderr, stdout } = await asc.main(["--target", target]);
  if (error) {
    process.stderr.write(`build-kernels: ${target} does not compile\n${stdout}${stderr}`);
    process.exit(1);
  }
  const bytes = readFileSync(`build/${target}.wasm`);
  rmSync(`build/${target}.js`); // asc's own instantiation code; the loader does that job
  writeFileSync(embedded, `export default ${JSON.stringify(bytes.toString("base64"))};\n`);
  writeFileSync(`build/${target}.wasm.d.ts`, "declare const base64: string;\nexport default base64;\n");
  process.stderr.write(`built ${target}.wasm, ${bytes.length} bytes\n`);
}

function modified(path) {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
