// The command that runs an experiment again as it ran, for its report: the command line's and the playground's.
import type { Config } from "../experiments/experiment";
import type { Result } from "../experiments/result";
import { commandLine } from "./command-line";

/** @param overrides what the run was given instead of the grid's settings: those of `--set`, `--prompt` and `--text` */
export function experimentLine(
  { experiment, size, stamp }: Pick<Result, "experiment" | "size" | "stamp">,
  overrides: Config,
): string {
  // The digest is no setting of the user's: it is taken of the file again.
  const { text, textDigest: _, prompt, ...others } = overrides;
  const set = Object.entries(others).map(([key, value]) => `${key}=${value}`);
  return commandLine(
    "experiment",
    experiment,
    ...(size === "smoke" ? ["--smoke"] : []),
    ...(text === undefined ? [] : ["--text", String(text)]),
    ...(prompt === undefined ? [] : ["--prompt", String(prompt)]),
    ...(set.length === 0 ? [] : ["--set", ...set]),
    "--seeds",
    stamp.seeds.join(","),
    "--build",
    stamp.build,
  );
}
