// A tokenizer of a file that was dropped, read as the command line reads it. The library for that is loaded when the first one comes.
import type { FolderReader } from "../../checkpoints/folder";
import type { Tokenizer } from "../../data/tokenizer";
import { digest } from "../../math/digest";
import type { GivenTokenizer } from "./protocol";

/** @throws Error that names the file, when it is no tokenizer */
export async function openGiven({ name, file, settings }: GivenTokenizer): Promise<Tokenizer> {
  const files = new Map([[name, file]]);
  if (settings) files.set("tokenizer_config.json", settings);
  const folder: FolderReader = {
    size: async (file) => files.get(file)?.length,
    async read(file, begin, end) {
      const bytes = files.get(file);
      if (!bytes) throw new Error(`${file}: there is no such file`);
      return bytes.subarray(begin, end);
    },
  };
  const { openTokenizer } = await import("../../cli/tokenizer-file");
  return openTokenizer(folder, name);
}

/** To tell whether another file is the same. */
export function tokenizerDigest({ file, settings }: GivenTokenizer): string {
  return digest(file) + (settings ? digest(settings) : "");
}
