// What each command is called and takes. What it does stands in a file of its own.
import { type Command, Option } from "commander";
import { benchCommand, takeBenchWords } from "../../bench/command";
import { processes } from "../../bench/process";
import { experiments } from "../experiments";
import { checked, type Finish, json, newProgram, runWords } from "../terminal/command";
import { list, number, oneOf, whole } from "../terminal/options";
import { VERSION } from "../terminal/version";
import { claimsCommand } from "./claims";
import { build, threads } from "./common-options";
import { evalCommand } from "./eval";
import { experimentCommand } from "./experiment";
import { exportCommand, formats } from "./export";
import { generateCommand } from "./generate";
import { infoCommand } from "./info";
import { listCommand } from "./list";
import { nbceCommand } from "./nbce";
import { nbceOptions } from "./nbce-options";
import { settingOptions } from "./setting-options";
import { trainCommand } from "./train";

/** Runs a command line and gives its exit code. What went wrong stands on stderr, in one sentence. */
export async function heed(words: readonly string[]): Promise<number> {
  return runWords(words.length === 0 ? ["--help"] : words, commands);
}

function commands(finish: Finish): Command {
  const program = newProgram("heed")
    .description("Attention for the web: train, look inside and run attention research, on the CPU.")
    .version(VERSION)
    .addHelpText("after", EXAMPLES);

  const training = program
    .command("train")
    .description("train a language model on a text and keep everything in a folder")
    .addOption(new Option("--text <file>", "text to train on; its last tenth is held out").conflicts("data"))
    .option("--out <folder>", "where the run is kept (default: a new one in runs/)")
    .option("--report <file>", "write the report to this file, too (default: report.html of the run alone)");
  const settings = settingOptions();
  const beside = ["text", "out", "build", ...settings.map((option) => option.attributeName())];
  training.addOption(
    new Option("--resume <folder>", "go on with a stopped run, by its own settings").conflicts(beside),
  );
  for (const option of settings) training.addOption(option);
  training
    .addOption(build().default("auto"))
    .addOption(threads())
    .addOption(json())
    .addHelpText("after", TRAIN_EXAMPLES)
    .action((options) => finish(trainCommand(options)));

  program
    .command("generate")
    .argument("<folder>", MODEL_FOLDER)
    .description("continue a prompt with a trained model")
    .option("--prompt <text>", "what to continue (default: a new line)")
    .option("--chat", "the prompt is a message, put into the model's chat template", false)
    .addOption(checked("--max-tokens <n>", "tokens to make", whole(1)).default(256))
    .addOption(checked("--temperature <t>", "0 takes the likeliest token", number(0)).default(0.8))
    .addOption(checked("--top-p <p>", "only the likeliest tokens that together reach p", number(0, 1, "low")))
    .addOption(checked("--top-k <k>", "only the k likeliest tokens", whole(1)))
    .addOption(checked("--seed <n>", "randomness of the sampling", whole(0)).default(1))
    .addOption(build().default(undefined, "the one that trained it"))
    .addOption(threads())
    .addOption(json())
    .action((folder, options) => finish(generateCommand(folder, options)));

  const nbce = program
    .command("nbce")
    .argument("<folder>", MODEL_FOLDER)
    .description("answer a question in view of several texts, each of which fits the model");
  for (const option of nbceOptions()) nbce.addOption(option);
  nbce
    .addOption(build().default(undefined, "the one that trained it"))
    .addOption(threads())
    .addOption(json())
    .action((folder, options) => finish(nbceCommand(folder, options)));

  program
    .command("eval")
    .argument("<folder>", MODEL_FOLDER)
    .description("nats per token and perplexity over the whole held-out split")
    .option("--text <file>", "another text than the run's; its last tenth counts")
    .addOption(build().default(undefined, "the one that trained it"))
    .addOption(threads())
    .addOption(json())
    .action((folder, options) => finish(evalCommand(folder, options)));

  program
    .command("experiment")
    .argument("<name>", `one of: ${Object.keys(experiments).join(", ")}`)
    .description("run a piece of research and print its claims with verdicts")
    .option("--smoke", "the small size that the tests run", false)
    .addOption(checked("--seeds <list>", "seeds, like 0,1,2", list(whole(0))))
    .option("--set <key=value...>", "change a setting of every trial")
    .option("--text <file>", "a text, for experiments that read one")
    .option("--prompt <text>", "what heads are shown on: --set prompt=TEXT")
    .addOption(
      checked("--workers <n>", "trials at once (default: one per core, or per --threads cores)", whole(1)),
    )
    .option("--out <folder>", "where results are kept (default: runs/<name>)")
    .option("--fresh", "forget earlier trials", false)
    .addOption(build().default("portable"))
    .addOption(
      checked("--threads <n>", "threads of each trial; times --workers at most the cores", whole(1)).default(
        1,
      ),
    )
    .addOption(json())
    .action((name, options) =>
      finish(experimentCommand(name, { ...options, size: options.smoke ? "smoke" : "full" })),
    );

  program
    .command("claims")
    .description("run every experiment and judge all claims, article by article, in one table")
    .addOption(
      new Option("--smoke", "the small sizes: every experiment in a few minutes")
        .default(false)
        .conflicts("full"),
    )
    .option("--full", "the experiments themselves: up to an hour on two cores (the default)")
    .addOption(
      checked("--only <list>", "some experiments, like bigram,joma (default: all)", list(oneOf(experiments))),
    )
    .option("--text <file>", "a text, for the experiments that read one")
    .addOption(checked("--workers <n>", "trials at once (default: one per core)", whole(1)))
    .option("--out <folder>", "where results are kept, a folder for each experiment (default: runs)")
    .option("--fresh", "forget earlier trials", false)
    .addOption(build().default("portable"))
    .addOption(json())
    .addHelpText("after", CLAIMS_NOTES)
    .action((options) => finish(claimsCommand({ ...options, size: options.smoke ? "smoke" : "full" })));

  const bench = { name: "bench", call: "heed bench", open: async () => processes };
  takeBenchWords(program.command("bench"), "process").action((suites, options) =>
    finish(benchCommand(suites, options, bench)),
  );

  program
    .command("export")
    .argument("<folder>", MODEL_FOLDER)
    .description("write a model and its tokenizer for other programs, with their names and settings")
    .addOption(
      checked(
        "--format <name>",
        "hf: safetensors as transformers reads them; onnx: a graph with a cache, for onnxruntime and transformers.js",
        oneOf(formats),
      ).makeOptionMandatory(),
    )
    .option("--out <folder>", "where to (default: beside the folder, with the format's name)")
    .addOption(json())
    .action((folder, options) => finish(exportCommand(folder, options)));

  program
    .command("list")
    .description("every name that the options accept, with what it is, and the budgets of the experiments")
    .addOption(json())
    .action((options) => finish(listCommand(options)));

  program
    .command("info")
    .description("what runs here: host, build, threads, features, and why")
    .addOption(build().default("auto"))
    .addOption(threads())
    .addOption(json())
    .action((options) => finish(infoCommand(options)));
  return program;
}

const MODEL_FOLDER =
  "a finished run of heed train, or a folder of Hugging Face's: GPT-2, GPT-NeoX, Llama, Mistral, Qwen2";

const EXAMPLES = `
Examples:
  heed train                              a small model on a generated text, in about a minute
  heed generate runs/grammar-gpt-1        what it learned to write
  heed experiment bigram --smoke          a question, its claims and verdicts
  heed claims --smoke                     the claims of all experiments in one table

heed COMMAND --help says more. In the repository: npm run -s heed -- COMMAND ...`;

const TRAIN_EXAMPLES = `
Examples:
  heed train --text book.txt --layers 4 --width 128 --steps 2000
  heed train --report book.html           a page to keep or to send: it needs no other file and no network
  heed train --resume runs/book-gpt-1     after Ctrl-C or a crash: the same numbers as without it`;

const CLAIMS_NOTES = `
A claim is a sentence of an article, or of heed's own, that can be wrong; it says what is expected, and the trials say what is observed.
  gate smoke   it must hold at every size, the tests' too
  gate full    it must hold at full size; at the small size it is not judged
  gate none    judged and shown, and decides nothing: the source gives no number, or gives one that nobody has seen again
Exit code 1 when a claim that decides fails, or a trial does.

Trials are kept in runs/NAME/trials.jsonl as they finish. Stop at any time: the same command goes on from there. A trial runs again
when code, kernels or text that it depends on have changed, and not otherwise.

Examples:
  heed claims --smoke                        all that is claimed, in small
  heed claims --only joma,scan-snap          two articles' worth, at full size
  heed claims --smoke --json - | jq '.claims[] | select(.status == "fail")'`;
