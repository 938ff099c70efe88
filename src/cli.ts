#!/usr/bin/env node
// The command line: what each command is called and takes. What it does stands in cli/.
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { benchCommand } from "./cli/bench";
import { evalCommand } from "./cli/eval";
import { experimentCommand } from "./cli/experiment";
import { generateCommand } from "./cli/generate";
import { infoCommand } from "./cli/info";
import { listCommand } from "./cli/list";
import { list, number, oneOf, whole } from "./cli/options";
import { settingOptions } from "./cli/settings";
import { trainCommand } from "./cli/train";
import { UsageError } from "./cli/usage";
import { VERSION } from "./cli/version";
import { experiments } from "./experiments";

const DONE = 0;
const FAILED = 1;
const MISUSED = 2;

const program = new Command("heed")
  .description("Attention for the web: train, look inside and run attention research, on the CPU.")
  .version(VERSION)
  .exitOverride()
  .showSuggestionAfterError()
  .configureHelp({ showGlobalOptions: true })
  .addHelpText(
    "after",
    `
Examples:
  heed train                                     a small model on a generated text, in about a minute
  heed train --text book.txt --layers 4 --width 128 --steps 2000
  heed generate runs/grammar-gpt-1 --prompt "Doctor "
  heed experiment bigram

In the repository: npm run -s heed -- COMMAND ...`,
  );

const json = new Option(
  "--json <file>",
  'write the result as one JSON object; "-" for stdout, which then holds nothing else',
);
const build = new Option(
  "--build <name>",
  "kernels: portable gives the same bits everywhere, fast uses relaxed SIMD",
);
const builds = checked("--build", oneOf({ auto: 0, portable: 0, fast: 0 }));

const training = program
  .command("train")
  .description("train a language model on a text and keep everything in a folder")
  .option("--text <file>", "text to train on; its last tenth is held out")
  .option("--out <folder>", "where the run is kept (default: a new one in runs/)")
  .option("--resume <folder>", "go on with a run that was stopped; its own settings hold");
for (const option of settingOptions()) {
  const parse = option.parseArg;
  training.addOption(
    parse ? option.argParser(checked(option.long ?? "", (word) => parse(word, undefined))) : option,
  );
}
training
  .addOption(fresh(build).default("auto").argParser(builds))
  .addOption(json)
  .action((options) => finish(trainCommand(options)));

program
  .command("generate")
  .argument("<folder>", "a finished run of heed train")
  .description("continue a prompt with a trained model")
  .option("--prompt <text>", "what to continue (default: a new line)")
  .option("--max-tokens <n>", "tokens to make", checked("--max-tokens", whole(1)), 256)
  .option("--temperature <t>", "0 takes the likeliest token", checked("--temperature", number(0)), 0.8)
  .option(
    "--top-p <p>",
    "only the likeliest tokens that together reach p",
    checked("--top-p", number(0, 1, "low")),
  )
  .option("--top-k <k>", "only the k likeliest tokens", checked("--top-k", whole(1)))
  .option("--seed <n>", "randomness of the sampling", checked("--seed", whole(0)), 1)
  .addOption(fresh(build).default("auto").argParser(builds))
  .addOption(json)
  .action((folder, options) => finish(generateCommand(folder, options)));

program
  .command("eval")
  .argument("<folder>", "a finished run of heed train")
  .description("nats per token and perplexity over the whole held-out split")
  .option("--text <file>", "another text than the run's; its last tenth counts")
  .addOption(fresh(build).default("auto").argParser(builds))
  .addOption(json)
  .action((folder, options) => finish(evalCommand(folder, options)));

program
  .command("experiment")
  .argument("<name>", `one of: ${Object.keys(experiments).join(", ")}`)
  .description("run a piece of research and print its claims with verdicts")
  .option("--smoke", "the small size that the tests run", false)
  .option("--seeds <list>", "seeds, like 0,1,2", checked("--seeds", list(whole(0))))
  .option("--set <key=value...>", "change a setting of every trial")
  .option("--workers <n>", "trials at once (default: one per core)", checked("--workers", whole(1)))
  .option("--out <folder>", "where results are kept (default: runs/<name>)")
  .option("--fresh", "forget earlier trials", false)
  .addOption(fresh(build).default("portable").argParser(builds))
  .addOption(json)
  .action((name, options) =>
    finish(experimentCommand(name, { ...options, size: options.smoke ? "smoke" : "full" })),
  );

program
  .command("bench")
  .argument("[suites...]", "what to time, or all; without a name they are listed")
  .description(
    "check and time the kernels: GFLOP/s, GB/s, tokens/s and the share of what the processor can do",
  )
  .addOption(
    new Option("--build <name>", "kernels to time, each in a process of its own")
      .choices(["portable", "fast", "both"])
      .default("both"),
  )
  .option("--threads <list>", "threads to time, like 1,2", checked("--threads", list(whole(1))), [1])
  .option("--quick", "fewer sizes and samples", false)
  .addOption(json)
  .action((suites, options) => finish(benchCommand(suites, options)));

program
  .command("list")
  .description("every name that the options accept, with what it is")
  .addOption(json)
  .action((options) => finish(listCommand(options)));

program
  .command("info")
  .description("what runs here: host, build, features")
  .addOption(fresh(build).default("auto").argParser(builds))
  .addOption(json)
  .action((options) => finish(infoCommand(options)));

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = explain(error);
}

async function finish(command: Promise<number> | number): Promise<void> {
  process.exitCode = await command;
}

/** Prints one sentence and gives the exit code. */
function explain(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? DONE : MISUSED; // commander has printed it
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`heed: ${message}\n`);
  if (process.env.HEED_DEBUG && error instanceof Error) process.stderr.write(`${error.stack}\n`);
  return error instanceof UsageError ? MISUSED : FAILED;
}

/** A parser whose complaint commander prints with the option's name. */
function checked<T>(flag: string, parse: (word: string) => T): (word: string) => T {
  return (word) => {
    try {
      return parse(word);
    } catch (error) {
      throw new InvalidArgumentError(`${flag} ${error instanceof Error ? error.message : error}`);
    }
  };
}

/** Options hold their default and parser themselves, so each command gets its own. */
function fresh(option: Option): Option {
  return new Option(option.flags, option.description);
}
