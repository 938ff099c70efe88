// Options that several commands take.
import type { Option } from "commander";
import { checked } from "../terminal/command";
import { oneOf, threadCount } from "../terminal/options";

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
