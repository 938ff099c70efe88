// The command line beside the page: in this process, on the portable build and one thread.
import { execFileSync } from "node:child_process";
import { run } from "../cli/heed";

/** What it writes to stdout. Throws when it fails. */
export async function heed(...words: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await run(...words);
  if (code !== 0) throw new Error(`heed ${words.join(" ")} ended with ${code}: ${stderr}`);
  return stdout;
}

/** The words that heed gets where a shell reads this line. */
export function shellWords(line: string): string[] {
  const script = `heed() { printf '%s\\0' "$@"; }\n${line}`;
  return execFileSync("sh", ["-c", script], { encoding: "utf8" }).split("\0").slice(0, -1);
}
