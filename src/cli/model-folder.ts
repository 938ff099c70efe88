// A trained model from its folder, with its tokenizer and settings.
import type { Tokenizer } from "../data/tokenizer";
import type { Model } from "../models";
import type { Build } from "../runtime/features";
import { init } from "../runtime/instance";
import { at, UsageError } from "../terminal/usage";
import { loadModel } from "../train/checkpoint";
import { commandLine } from "./command-line";
import { isForeign, openForeign } from "./foreign-folder";
import { RunFolder } from "./run-folder";
import type { Settings } from "./settings";
import type { FileTokenizer } from "./tokenizer-file";

export interface ModelFolder {
  readonly model: Model;
  readonly tokenizer: Tokenizer | FileTokenizer;
  /** Of the run that trained it, where heed did. */
  readonly settings?: Settings;
  /** Tokens that end a text. */
  readonly stop?: ReadonlySet<number>;
}

/**
 * A folder is heed's when it holds heed.json, Hugging Face's when it holds config.json.
 * @param host `build` is by default the one that trained it: then numbers come out the same
 */
export async function openModel(
  path: string,
  { build, threads }: { readonly build?: "auto" | Build | undefined; readonly threads: "auto" | number },
): Promise<ModelFolder> {
  const folder = new RunFolder(path);
  if (!folder.has("description") && isForeign(path)) return openForeign(path, { build, threads });
  const description = await folder.description();
  if (!folder.has("model")) {
    throw new UsageError(
      `${path}: the training has not finished, there is no model.safetensors; finish it with: ${commandLine("train", "--resume", path)}`,
    );
  }
  const { settings, tokenizer } = description;
  await init({ build: build ?? description.build, threads });
  const model = at(folder.file("model"), () => loadModel(folder.load("model")));
  if (model.config.vocabulary !== tokenizer.vocabulary.length) {
    throw new Error(
      `${path}: model and tokenizer must agree, the model has ${model.config.vocabulary} tokens, heed.json ${tokenizer.vocabulary.length}`,
    );
  }
  return { model, tokenizer, settings };
}
