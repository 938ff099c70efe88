// The command line beside the page: in this process, on the portable build and one thread.
import { run } from "../cli/heed";

/** What it writes to stdout. Throws when it fails. */
export async function heed(...words: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await run(...words);
  if (code !== 0) throw new Error(`heed ${words.join(" ")} ended with ${code}: ${stderr}`);
  return stdout;
}
