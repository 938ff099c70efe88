// What the user would type to call heed again, from where this heed runs.

/** The sources run in the repository; a bundle is installed as `heed`. */
const COMMAND = import.meta.url.endsWith(".ts") ? "npm run -s heed --" : "heed";

export function commandLine(...words: readonly (string | number)[]): string {
  return [COMMAND, ...words.map((word) => quoted(String(word)))].join(" ");
}

/** Words with signs that a shell reads stand in single quotes. */
function quoted(word: string): string {
  return /^[\w./:=,@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
