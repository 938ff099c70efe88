// Files as commands need them: read with an error that says what is missing, written whole or not at all.
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, resolve } from "node:path";
import { UsageError } from "./usage";

export function readText(path: string): string {
  return new TextDecoder().decode(readBytes(path));
}

export function readBytes(path: string): Uint8Array {
  if (!existsSync(path)) throw new UsageError(`${path}: there is no such file`);
  if (statSync(path).isDirectory()) throw new UsageError(`${path}: a file is needed, this is a folder`);
  try {
    return readFileSync(path);
  } catch (error) {
    throw new Error(`${path}: cannot be read, ${reason(error)}`);
  }
}

/** Writes to a temporary name beside `path` and renames it: readers see the old content or the new, never a part. */
export function replaceFile(path: string, content: string | Uint8Array): void {
  const temporary = `${path}.${process.pid}.partial`;
  try {
    mkdirSync(dirname(resolve(path)), { recursive: true });
    writeFileSync(temporary, content, { flush: true });
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw new Error(`${path}: cannot be written, ${reason(error)}; choose another place with --out`);
  }
}

/** Makes the folder and proves that files can be made in it. */
export function writableFolder(path: string): string {
  try {
    mkdirSync(path, { recursive: true });
    accessSync(path, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new UsageError(`${path}: cannot be written to, ${reason(error)}; choose another folder with --out`);
  }
  return path;
}

/** `base`, or `base-2`, `base-3` ... : the first that does not exist. */
export function freshFolder(base: string): string {
  for (let count = 1; ; count++) {
    const path = count === 1 ? base : `${base}-${count}`;
    if (!existsSync(path)) return path;
  }
}

export function holds(folder: string, file: string): boolean {
  return existsSync(join(folder, file));
}

function reason(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : String(error);
}
