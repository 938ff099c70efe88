// A training run about to go: begun anew, or taken up where its last checkpoint stands.
import { existsSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import type { NamedCorpus } from "../data/named-corpus";
import type { Tokenizer } from "../data/tokenizer";
import type { Model } from "../models";
import type { Build } from "../runtime/features";
import { info, init } from "../runtime/instance";
import { freshFolder, readBytes, writableFolder } from "../terminal/files";
import { at, messageOf, UsageError } from "../terminal/usage";
import { restoreTraining, saveTraining } from "../train/checkpoint";
import type { Optimizer } from "../train/optimizer";
import { makeTraining } from "../train/recipe";
import { commandLine } from "./command-line";
import { loadCorpus } from "./corpus";
import { diskFolder } from "./disk-folder";
import { RunFolder } from "./run-folder";
import { type Settings, tokenizerFile } from "./settings";
import { openTokenizer } from "./tokenizer-file";

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

/** @throws UsageError for what the library refuses: it was asked for on the command line */
function make(settings: Settings, { tokenizer }: NamedCorpus): Pick<Session, "model" | "optimizer"> {
  try {
    return makeTraining(settings, tokenizer.vocabulary.length);
  } catch (error) {
    throw new UsageError(messageOf(error), { cause: error });
  }
}
