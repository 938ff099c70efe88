// Files in and out of the page: read where they were chosen or dropped, and handed to the browser to be saved.
import { messageOf } from "../terminal/usage";

export interface ReadFile {
  readonly name: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** @throws Error for a file that the browser cannot read, as one that was moved meanwhile, or a folder */
export function readFiles(list: Iterable<File>): Promise<ReadFile[]> {
  return Promise.all(Array.from(list, readFile));
}

async function readFile(file: File): Promise<ReadFile> {
  const { name } = file;
  try {
    return { name, bytes: new Uint8Array(await file.arrayBuffer()) };
  } catch (error) {
    throw new Error(`${name}: this browser cannot read it: ${messageOf(error)}`, { cause: error });
  }
}

/**
 * What a file says.
 * @param wanted as the refusal of any other file calls it
 * @throws Error for what is no text
 */
export function textOf({ name, bytes }: ReadFile, wanted = "a text in UTF-8"): string {
  const text = utf8(bytes);
  if (text === undefined || text.includes("\0")) throw new Error(`${name}: must be ${wanted}`);
  if (text.trim() === "") throw new Error(`${name}: must hold a text, got nothing`);
  return text;
}

function utf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

export function download(name: string, content: Uint8Array<ArrayBuffer> | string): void {
  const address = URL.createObjectURL(new Blob([content]));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address)); // once the browser has taken it
}
