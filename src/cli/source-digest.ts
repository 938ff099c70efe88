// Which code runs: part of a trial's identity, so that a changed heed never passes off an old trial as its own.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** src/cli and dist/cli lie equally deep. */
const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const SOURCES = ["assembly", "asconfig.json", "src"];
const PUBLISHED = ["package.json", "dist"];

/** Layers above the experiments: no trial depends on them, and a better report must not cost a night's trials. */
const ABOVE = new Set(["src/cli", "src/cli.ts", "src/report", "src/web"]);

/** Sixteen hex digits over the sources where they run directly, and over dist where heed is installed. */
export function sourceDigest(
  root = ROOT,
  parts = import.meta.url.endsWith(".ts") ? SOURCES : PUBLISHED,
): string {
  const hash = createHash("sha256");
  for (const path of parts.flatMap((part) => filesUnder(root, part)).sort()) {
    hash
      .update(`${path}\0`)
      .update(readFileSync(join(root, path)))
      .update("\0");
  }
  return hash.digest("hex").slice(0, 16);
}

/** Paths below the root, with slashes on every host. */
function filesUnder(root: string, path: string): string[] {
  if (ABOVE.has(path)) return [];
  if (!statSync(join(root, path)).isDirectory()) return [path];
  return readdirSync(join(root, path)).flatMap((name) => filesUnder(root, `${path}/${name}`));
}
