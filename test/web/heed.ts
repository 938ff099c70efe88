// The command line beside the page: the sources, in a process of their own.
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const NODE = ["--conditions=heed-source", "--import", "tsx", "src/cli.ts"];

/** What it writes to stdout. Throws when it fails. */
export function heed(...words: readonly string[]): string {
  return execFileSync(process.execPath, [...NODE, ...words], { cwd: ROOT, encoding: "utf8", stdio: "pipe" });
}
