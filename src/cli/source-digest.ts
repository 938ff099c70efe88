// Which code runs: part of a trial's identity, so that a changed heed never passes off an old trial as its own, and a change elsewhere
// does not cost a night's trials.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** src/cli and dist/cli lie equally deep. */
const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const PUBLISHED = ["package.json", "dist"];
/** What runs every trial: the runtime with its kernels, and the order of randomness and metrics. */
const SHARED = ["src/runtime/instance.ts", "src/experiments/trial.ts"];

/**
 * Sixteen hex digits for each experiment. Where heed is installed that is one digest over all of dist.
 * @throws Error for a name without a module src/experiments/NAME.ts
 */
export function sourceDigests(names: readonly string[]): Readonly<Record<string, string>> {
  if (import.meta.url.endsWith(".ts")) return programDigests(ROOT, names);
  const installed = folderDigest(ROOT, PUBLISHED);
  return Object.fromEntries(names.map((name) => [name, installed]));
}

/**
 * Over the program that each experiment is: all that its module reaches by imports, bundled without comments, layout and types. So
 * code, kernels and packages count as they run, and nothing else does: no other experiment, no command, no report.
 */
export function programDigests(root: string, names: readonly string[]): Readonly<Record<string, string>> {
  const modules = names.map((name) => `src/experiments/${name}.ts`);
  const programs = bundles(root, [...SHARED, ...modules]);
  const shared = SHARED.map((path) => programs(path));
  return Object.fromEntries(
    names.map((name, index) => [name, digest([...shared, programs(modules[index]!)])]),
  );
}

/** Over every file of these parts, with its name. */
function folderDigest(root: string, parts: readonly string[]): string {
  const paths = parts.flatMap((part) => filesUnder(root, part)).sort();
  return digest(paths.flatMap((path) => [path, readFileSync(join(root, path))]));
}

/** The text of each module with all its imports, by the path of the module. */
function bundles(root: string, paths: readonly string[]): (path: string) => Uint8Array {
  // Not an import: the published command, which never comes here, does not bring the bundler along.
  const { buildSync } = createRequire(import.meta.url)("esbuild") as typeof import("esbuild");
  const { outputFiles } = buildSync({
    absWorkingDir: root,
    entryPoints: paths.map((path) => ({ in: path, out: path })),
    outdir: ".",
    bundle: true,
    write: false,
    format: "esm",
    platform: "node",
    target: "es2022",
    conditions: ["heed-source"],
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: "none",
    logLevel: "silent",
  });
  const contents = new Map(outputFiles.map((file) => [file.path, file.contents]));
  return (path) => contents.get(join(root, `${path}.js`))!; // one output for each entry
}

/** Paths below the root, with slashes on every host. */
function filesUnder(root: string, path: string): string[] {
  if (!statSync(join(root, path)).isDirectory()) return [path];
  return readdirSync(join(root, path)).flatMap((name) => filesUnder(root, `${path}/${name}`));
}

function digest(parts: readonly (string | Uint8Array)[]): string {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part).update("\0");
  return hash.digest("hex").slice(0, 16);
}
