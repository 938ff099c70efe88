// A model of Hugging Face's with its tokenizer, judged from any folder that can be read: on a disk, or dropped on a page.
import { type FolderReader, readJson } from "../checkpoints/folder";
import { type OpenedCheckpoint, openHuggingFace } from "../checkpoints/huggingface";
import { type FileTokenizer, openTokenizer } from "./tokenizer-file";

export interface JudgedFolder {
  readonly opened: OpenedCheckpoint;
  readonly tokenizer: FileTokenizer;
  /** Tokens that end a text. */
  readonly stop: ReadonlySet<number>;
}

/** @throws Error that names the file: one that is missing, or whose model or tokenizer heed cannot take */
export async function judgeFolder(folder: FolderReader): Promise<JudgedFolder> {
  const opened = await openHuggingFace(folder);
  const tokenizer = await openTokenizer(folder);
  const known = opened.config.vocabulary;
  if (tokenizer.vocabulary.length > known) {
    throw new Error(
      `tokenizer.json: its tokens must be the model's, has ${tokenizer.vocabulary.length} where the model knows ${known}`,
    );
  }
  return { opened, tokenizer, stop: await stopTokens(folder) };
}

/** One id or several, in generation_config.json where there is one. */
async function stopTokens(folder: FolderReader): Promise<ReadonlySet<number>> {
  const files = ["generation_config.json", "config.json"];
  for (const file of files) {
    if ((await folder.size(file)) === undefined) continue;
    const { eos_token_id: ids } = await readJson(folder, file);
    if (ids !== undefined && ids !== null) return new Set([ids].flat().filter(Number.isInteger) as number[]);
  }
  return new Set();
}
