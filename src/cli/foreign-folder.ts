// A model and its tokenizer from a folder of Hugging Face's: opened, judged, then loaded with a progress bar.
import { type FolderReader, readJson } from "../checkpoints/folder";
import { openHuggingFace } from "../checkpoints/huggingface";
import type { Gpt } from "../models/gpt";
import type { Build } from "../runtime/features";
import { init } from "../runtime/instance";
import { diskFolder } from "./disk-folder";
import { holds } from "./files";
import { startProgress } from "./progress";
import { type FileTokenizer, openTokenizer } from "./tokenizer-file";
import { messageOf, UsageError } from "./usage";

const MEGABYTE = 2 ** 20;

export interface ForeignModel {
  readonly model: Gpt;
  readonly tokenizer: FileTokenizer;
  /** Tokens that end a text. */
  readonly stop: ReadonlySet<number>;
}

/** Whether a folder is to be read as Hugging Face's. */
export function isForeign(path: string): boolean {
  return holds(path, "config.json");
}

/**
 * @throws UsageError for a folder that lacks a file, or whose model or tokenizer heed cannot take
 * @throws Error when a file changes while it is read
 */
export async function openForeign(
  path: string,
  {
    build = "auto",
    threads,
  }: { readonly build?: "auto" | Build | undefined; readonly threads: "auto" | number },
): Promise<ForeignModel> {
  const folder = diskFolder(path);
  const { opened, tokenizer, stop } = await judge(folder).catch((error: unknown) => {
    throw new UsageError(`${path}: ${messageOf(error)}`, { cause: error });
  });
  await init({ build, threads });
  const megabytes = (bytes: number) => Math.ceil(bytes / MEGABYTE);
  process.stderr.write(
    `${opened.modelType} with ${opened.parameters.toLocaleString("en")} parameters: ${megabytes(opened.bytes)} MB of memory, ${megabytes(opened.storedBytes)} MB to read\n`,
  );
  const progress = startProgress("load MB", megabytes(opened.storedBytes));
  try {
    const model = await opened.load((bytes) => progress.update(megabytes(bytes)));
    return { model, tokenizer, stop };
  } finally {
    progress.stop();
  }
}

async function judge(folder: FolderReader) {
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
