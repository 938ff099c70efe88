// Where words go. Results for people are on stdout and progress on stderr; with `--json -` stdout holds one JSON object only.
import { expectWritableFile, replaceFile } from "./files";
import { at, UsageError } from "./usage";

const STDOUT = "-";

export class Output {
  readonly #json: string | undefined;

  /**
   * @param json a file for the final object, "-" for stdout, or nothing
   * @throws UsageError for a file that cannot be written: now, not after the work
   */
  constructor(json?: string) {
    if (json !== undefined && json !== STDOUT) at("--json", () => expectWritableFile(json), UsageError);
    this.#json = json;
  }

  /** A line, or lines, of the result. */
  say(text: string): void {
    this.stream(`${text}\n`);
  }

  /** A piece of running text, without a newline. */
  stream(text: string): void {
    (this.#json === STDOUT ? process.stderr : process.stdout).write(text);
  }

  /** Something on the way that is not the result. */
  note(text: string): void {
    process.stderr.write(`${text}\n`);
  }

  /** The machine's version of the result. */
  finish(result: object): void {
    if (this.#json === undefined) return;
    const text = `${JSON.stringify(result)}\n`;
    if (this.#json === STDOUT) process.stdout.write(text);
    else replaceFile(this.#json, text);
  }
}
