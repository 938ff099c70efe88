// A model and its tokenizer from a folder of Hugging Face's: opened, judged, then loaded with a progress bar.
import type { Gpt } from "../models/gpt";
import type { Build } from "../runtime/features";
import { init } from "../runtime/instance";
import { holds } from "../terminal/files";
import { startProgress } from "../terminal/progress";
import { messageOf, UsageError } from "../terminal/usage";
import { diskFolder } from "./disk-folder";
import { judgeFolder } from "./foreign-model";
import type { FileTokenizer } from "./tokenizer-file";

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
  const { opened, tokenizer, stop } = await judgeFolder(folder).catch((error: unknown) => {
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
