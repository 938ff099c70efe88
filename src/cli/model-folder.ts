// A trained model from its folder, with its tokenizer and settings.
import { type Tokenizer, tokenizerFromJSON } from "../data/tokenizer";
import type { Model } from "../models";
import type { Build } from "../runtime/features";
import { init } from "../runtime/instance";
import { loadModel } from "../train/checkpoint";
import { holds } from "./files";
import { RunFolder } from "./run-folder";
import { checkSettings, type Settings } from "./settings";
import { UsageError } from "./usage";

export interface ModelFolder {
  readonly model: Model;
  readonly tokenizer: Tokenizer;
  readonly settings: Settings;
}

export async function openModel(path: string, build: "auto" | Build): Promise<ModelFolder> {
  const folder = new RunFolder(path);
  const description = folder.description();
  if (!holds(path, "model.safetensors")) {
    throw new UsageError(
      `${path}: the training has not finished, there is no model.safetensors; finish it with heed train --resume ${path}`,
    );
  }
  const settings = checkSettings(description.settings as unknown as Record<string, unknown>); // unknown until checked
  const tokenizer = tokenizerFromJSON(description.tokenizer);
  await init({ build });
  const model = loadModel(folder.load("model.safetensors"));
  if (model.config.vocabulary !== tokenizer.vocabulary.length) {
    throw new Error(
      `${path}: model and tokenizer must agree, the model has ${model.config.vocabulary} tokens, heed.json ${tokenizer.vocabulary.length}`,
    );
  }
  return { model, tokenizer, settings };
}
