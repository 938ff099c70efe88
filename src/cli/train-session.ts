// A training run about to go: begun anew, or taken up where its last checkpoint stands.
import { existsSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import type { PositionName } from "../attention/position";
import { futureRefusal, hasKeys } from "../attention/rules";
import type { Tokenizer } from "../data/tokenizer";
import type { Model, ModelName } from "../models";
import { type Described, makeModel } from "../models/make";
import { namedParameters } from "../nn/module";
import type { Build } from "../runtime/features";
import { info, init } from "../runtime/instance";
import { rng } from "../tensor/rng";
import { restoreTraining, saveTraining } from "../train/checkpoint";
import { type Optimizer, optimizers } from "../train/optimizer";
import { commandLine } from "./command-line";
import { loadCorpus, type NamedCorpus, tokenizerFile } from "./corpus";
import { diskFolder } from "./disk-folder";
import { freshFolder, readBytes, writableFolder } from "./files";
import { RunFolder } from "./run-folder";
import { chosenOptions, type Settings } from "./settings";
import { openTokenizer } from "./tokenizer-file";
import { at, messageOf, UsageError } from "./usage";

/** nanoGPT's choice for small batches, where the second moment is noisy. */
const BETA2 = 0.99;
const SGD_MOMENTUM = 0.9;

type GptGiven = Extract<Described, { kind: "gpt" }>["config"];

export interface Session {
  readonly folder: RunFolder;
  readonly settings: Settings;
  readonly corpus: NamedCorpus;
  readonly model: Model;
  readonly optimizer: Optimizer;
}

export interface BeginOptions {
  readonly out?: string | undefined;
  readonly build: "auto" | Build;
  readonly threads: "auto" | number;
}

/** @throws UsageError before anything is written */
export async function beginSession(given: Settings, { out, build, threads }: BeginOptions): Promise<Session> {
  if (out !== undefined && new RunFolder(out).has("description")) {
    throw new UsageError(
      `${out}: already holds a run; choose another folder with --out, or go on with: ${commandLine("train", "--resume", out)}`,
    );
  }
  const file = tokenizerFile(given.tokenizer);
  const corpus = loadCorpus(given, file === undefined ? undefined : await openTokenizerFile(file));
  const settings = {
    ...given,
    tokenizer: file === undefined ? given.tokenizer : resolve(file),
    ...(given.text !== undefined && { text: resolve(given.text) }),
  };
  await init({ build, threads });
  const made = make(settings, corpus);
  const folder = new RunFolder(
    writableFolder(out ?? freshFolder(`runs/${corpus.name}-${settings.model}-${settings.seed}`)),
  );
  const { tokenizer, name, digest } = corpus;
  if (file !== undefined) keepTokenizer(folder, file);
  folder.save("metrics", "");
  folder.save("checkpoint", saveTraining(made.model, made.optimizer));
  // Last, because this makes it a run that can be resumed.
  folder.describe({ settings, build: info().build, tokenizer, corpus: { name, digest } });
  return { folder, settings, corpus, ...made };
}

/** @throws UsageError for a file that is no tokenizer */
async function openTokenizerFile(file: string): Promise<Tokenizer> {
  readBytes(file); // says what is wrong with a path
  return openTokenizer(diskFolder(dirname(file)), basename(file)).catch((error: unknown) => {
    throw new UsageError(`--tokenizer: ${messageOf(error)}`, { cause: error });
  });
}

/** Copies the file, and the settings beside it: a run needs nothing outside of its folder. */
function keepTokenizer(folder: RunFolder, file: string): void {
  folder.save("tokenizer", readBytes(file));
  const settings = join(dirname(file), "tokenizer_config.json");
  if (existsSync(settings)) folder.save("tokenizerSettings", readBytes(settings));
}

/**
 * @throws UsageError when there is nothing to go on with: no run, a finished one, or one whose text has changed
 * @throws Error when a file of the run is not sound; then none has changed
 */
export async function resumeSession(path: string, threads: "auto" | number): Promise<Session> {
  const folder = new RunFolder(path);
  const { settings, build, tokenizer, corpus: known } = await folder.description();
  if (folder.has("report")) {
    throw new UsageError(
      `${path}: has taken all its ${settings.steps} steps; use it with: ${commandLine("generate", path)}`,
    );
  }
  const corpus = loadCorpus(settings, tokenizer);
  if (corpus.digest !== known.digest) {
    throw new UsageError(
      `${settings.text ?? known.name}: the text must be the one that the run began with, it has changed; put it back or train anew`,
    );
  }
  await init({ build, threads });
  const made = make(settings, corpus);
  at(folder.file("checkpoint"), () => restoreTraining(folder.load("checkpoint"), made.model, made.optimizer));
  folder.rewind(made.optimizer.steps);
  return { folder, settings, corpus, ...made };
}

function make(settings: Settings, { tokenizer }: NamedCorpus): Pick<Session, "model" | "optimizer"> {
  const { model: kind, layers, heads, width, context, dropout } = settings;
  const { attention, position, index, scale, mask, normalizer, norm, activation, mlp, residual } = settings;
  const { weightDecay, tableRate } = settings;
  const sizes = { vocabulary: tokenizer.vocabulary.length, layers, heads, width, context, dropout };
  try {
    const names = {
      ...{ attention, index, scale, mask, normalizer, norm, activation, mlp, residual },
      position: position === "auto" ? automaticPosition(settings) : position,
    } as const;
    const future = futureRefusal(mask);
    if (future !== undefined) throw new Error(`train: ${future}`);
    const given = { ...sizes, ...names, ...chosenOptions(settings) };
    const model = makeModel(describe(kind, settings, given), rng(settings.seed).fork("weights"));
    const parameters = namedParameters(model);
    const makers = {
      adamw: () => optimizers.adamw(parameters, { beta2: BETA2, weightDecay, tableRate }),
      sgd: () => optimizers.sgd(parameters, { momentum: SGD_MOMENTUM, weightDecay, tableRate }),
    };
    return { model, optimizer: makers[settings.optimizer]() };
  } catch (error) {
    throw new UsageError(messageOf(error), { cause: error });
  }
}

/** The scheme that costs least: rotary, if there are keys to turn, and for models without positions in the stream their own. */
function automaticPosition(settings: Settings): PositionName {
  if (settings.model === "attention-only") return "qk-learned";
  return hasKeys(settings) ? "rope" : "learned";
}

/** Each kind takes the settings of a gpt that it has, and its own. */
function describe(kind: ModelName, { keyWidth, placement }: Settings, given: GptGiven): Described {
  const { norm, normEpsilon, bias, mlp, mlpWidth, activation, residual, ...bare } = given;
  switch (kind) {
    case "gpt":
      return { kind, config: given };
    case "attention-only":
      return { kind, config: bare };
    case "gau": {
      const { heads, kvHeads, attention, ...config } = bare;
      return {
        kind,
        config: { ...config, ...(norm && { norm }), ...(keyWidth > 0 && { keyWidth }), placement },
      };
    }
  }
}
