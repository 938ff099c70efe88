// Makes the declarations that tsc wrote to dist/types complete: sources import without extensions, published .d.ts files must name
// theirs, and the types of the kernels come from what asc generated in build/.
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";

const SPECIFIER = /(\bfrom |\bimport\(|^import )"([^"]+)"/gm;

/** @param {string} types the folder that tsc wrote, a mirror of `sources` */
export function completeDeclarations(types, sources) {
  const files = readdirSync(types, { recursive: true }).filter((name) => name.endsWith(".d.ts"));
  for (const file of files) {
    const path = join(types, file);
    const rewrite = (_, before, specifier) => `${before}"${complete(specifier, path, join(sources, file))}"`;
    writeFileSync(path, readFileSync(path, "utf8").replace(SPECIFIER, rewrite));
  }
  return files.length;
}

/** What `specifier`, as written in `source`, is called in the declarations file at `path`. */
function complete(specifier, path, source) {
  if (!specifier.startsWith(".")) {
    throw new Error(`declarations: ${path} must not need anything but its own package, got "${specifier}"`);
  }
  for (const candidate of [`${specifier}.js`, `${specifier}/index.js`]) {
    if (existsSync(join(dirname(path), candidate.replace(/\.js$/, ".d.ts")))) return candidate;
  }
  const generated = `${join(dirname(source), specifier)}.d.ts`;
  if (!existsSync(generated))
    throw new Error(`declarations: "${specifier}" in ${path} must name a file, got none`);
  const kept = join("dist/types/kernels", basename(generated));
  mkdirSync(dirname(kept), { recursive: true });
  copyFileSync(generated, kept);
  const step = relative(dirname(path), kept).replace(/\.d\.ts$/, ".js");
  return step.startsWith(".") ? step : `./${step}`;
}
