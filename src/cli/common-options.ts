// Options that several commands take, and how an option is made whose values are checked.
import { Option } from "commander";
import { oneOf, threadCount } from "./options";
import { at, UsageError } from "./usage";

export function json(): Option {
  return new Option(
    "--json <file>",
    'write the result as one JSON object; "-" for stdout, which then holds nothing else',
  );
}

export function build(): Option {
  return checked(
    "--build <name>",
    "kernels: portable gives the same bits everywhere, fast uses relaxed SIMD, auto is fast where it can",
    oneOf({ auto: 0, portable: 0, fast: 0 }),
  );
}

export function threads(): Option {
  return checked(
    "--threads <n>",
    "cores to compute on, auto for all; the results are the same",
    threadCount,
  ).default("auto");
}

/** An option whose values are parsed, and refused with its name. */
export function checked<T>(flags: string, description: string, parse: (word: string) => T): Option {
  const option = new Option(flags, description);
  return option.argParser<T>((word) => at(option.long ?? flags, () => parse(word), UsageError));
}
