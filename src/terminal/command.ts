// What every program of heed has that takes words: options whose values are checked, complaints of one sentence, an exit code.
import { Command, CommanderError, Option } from "commander";
import { at, messageOf, UsageError } from "./usage";

const DONE = 0;
const FAILED = 1;
const MISUSED = 2;

/** Takes the exit code of the command that the words chose. */
export type Finish = (exitCode: number | Promise<number>) => Promise<void>;

/** A program that complains as heed does and does not end the process. */
export function newProgram(name: string): Command {
  return new Command(name)
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(sentence(text)) });
}

/**
 * Runs a command line and gives its exit code. What went wrong stands on stderr, in one sentence.
 * @param make the program of `newProgram` with commands whose actions call `finish`
 */
export async function runWords(words: readonly string[], make: (finish: Finish) => Command): Promise<number> {
  let exitCode = DONE;
  const program = make(async (ended) => {
    exitCode = await ended;
  });
  try {
    await program.parseAsync(words, { from: "user" });
    return exitCode;
  } catch (error) {
    return explain(error);
  }
}

/** An option whose values are parsed, and refused with its name. */
export function checked<T>(flags: string, description: string, parse: (word: string) => T): Option {
  const option = new Option(flags, description);
  return option.argParser<T>((word) => at(option.long ?? flags, () => parse(word), UsageError));
}

export function json(): Option {
  return new Option(
    "--json <file>",
    'write the result as one JSON object; "-" for stdout, which then holds nothing else',
  );
}

/** Prints one sentence and gives the exit code. */
function explain(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? DONE : MISUSED; // commander has printed it
  process.stderr.write(`heed: ${messageOf(error)}\n`);
  if (process.env.HEED_DEBUG) process.stderr.write(`${error instanceof Error ? error.stack : error}\n`);
  return error instanceof UsageError ? MISUSED : FAILED;
}

/** Commander's complaints in heed's form: "error: unknown command 'trian'\n(Did you mean train?)". */
function sentence(complaint: string): string {
  const words = complaint
    .trim()
    .replace(/^error: /, "heed: ")
    .replace(/\n\(Did you mean (.*)\)$/s, "; did you mean $1")
    .replace(/\. Expected/, ", expected")
    .replace(/\.$/, "");
  return `${words}\n`;
}
