// A folder of files wherever it is: on a disk, behind an address, in memory. The host reads; nothing here knows how.
import { isJson, type Json } from "./settings";

export interface FolderReader {
  /** Bytes of a file; `undefined` where there is none. */
  size(file: string): Promise<number | undefined>;
  /** Bytes `begin` to `end - 1` of a file that is there. */
  read(file: string, begin: number, end: number): Promise<Uint8Array>;
}

/** @throws Error `file: rule, got what` */
export async function readJson(folder: FolderReader, file: string): Promise<Json> {
  const text = await readText(folder, file);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new Error(`${file}: must be JSON, got ${String(error).replace(/\s+/g, " ")}`);
  }
  if (!isJson(value)) throw new Error(`${file}: must hold a JSON object, got ${text.slice(0, 60)}`);
  return value;
}

/** @throws Error for a file that is not there */
export async function readText(folder: FolderReader, file: string): Promise<string> {
  const size = await folder.size(file);
  if (size === undefined) throw new Error(`${file}: there is no such file`);
  return new TextDecoder().decode(await folder.read(file, 0, size));
}
