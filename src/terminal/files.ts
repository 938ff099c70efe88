// Files as commands need them: read with an error that says what is missing, written whole or not at all.
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, resolve } from "node:path";
import { UsageError } from "./usage";

/** What replaceFile calls a file until it is whole. */
const PARTIAL = ".partial";

/** @throws UsageError for bytes that are no UTF-8: they would be learned as replacement characters */
export function readText(path: string): string {
  const bytes = readBytes(path);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new UsageError(
      `${path}: must be text in UTF-8, has other bytes; convert it, with iconv for example`,
    );
  }
}

export function readBytes(path: string): Uint8Array {
  try {
    if (statSync(path).isDirectory()) throw new UsageError(`${path}: a file is needed, this is a folder`);
    return readFileSync(path);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    if (code(error) === "ENOENT") throw new UsageError(`${path}: there is no such file`);
    throw new UsageError(`${path}: cannot be read, ${reason(error)}`);
  }
}

/** Writes to a temporary name beside `path` and renames it: readers see the old content or the new, never a part. */
export function replaceFile(path: string, content: string | Uint8Array): void {
  const temporary = `${path}.${process.pid}${PARTIAL}`;
  try {
    makeFolder(dirname(resolve(path)));
    writeFileSync(temporary, content, { flush: true });
    renameSync(temporary, path);
  } catch (error) {
    if (existsSync(temporary)) rmSync(temporary);
    throw new Error(`${path}: cannot be written, ${reason(error)}`);
  }
}

/** Forgets files whose writing was cut off with their process. */
export function removePartial(folder: string): void {
  for (const name of readdirSync(folder).filter((file) => file.endsWith(PARTIAL))) rmSync(join(folder, name));
}

/** Makes the folder and proves that files can be made in it; leaves nothing behind where they cannot. */
export function writableFolder(path: string): string {
  let made: string | undefined;
  try {
    made = makeFolder(path);
    const proof = join(path, `${process.pid}${PARTIAL}`);
    writeFileSync(proof, "");
    rmSync(proof);
  } catch (error) {
    if (made !== undefined) rmSync(made, { recursive: true });
    throw new UsageError(`${path}: cannot be written to, ${reason(error)}; choose another folder with --out`);
  }
  return path;
}

/** @throws UsageError unless a file can be made at `path` */
export function expectWritableFile(path: string): void {
  const folder = dirname(resolve(path));
  if (!existsSync(folder)) throw new UsageError(`${path}: cannot be written, there is no folder ${folder}`);
  const proof = `${path}.${process.pid}${PARTIAL}`;
  try {
    if (existsSync(path) && statSync(path).isDirectory()) throw new Error("this is a folder");
    writeFileSync(proof, "");
    rmSync(proof);
  } catch (error) {
    throw new UsageError(`${path}: cannot be written, ${reason(error)}`);
  }
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

/**
 * Makes a folder and those above it; returns the first one made. Node's own recursive mkdir never ends where a file system refuses
 * new folders with ENOENT, as /proc does.
 */
function makeFolder(path: string): string | undefined {
  if (existsSync(path) && statSync(path).isDirectory()) return undefined;
  const above = dirname(resolve(path));
  const first = existsSync(above) ? undefined : makeFolder(above);
  try {
    mkdirSync(path);
  } catch (error) {
    // Another process may have made it just now: trials that run side by side share folders.
    if (code(error) !== "EEXIST" || !statSync(path).isDirectory()) throw error;
    return first;
  }
  return first ?? path;
}

/** "not a directory" of "ENOTDIR: not a directory, mkdir 'a/b'". */
function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return /^E[A-Z0-9]+: (.*), /.exec(error.message)?.[1] ?? error.message;
}

function code(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}
