// The command line as tests use it: in a process of its own, or in this one, where the kernels already run on the portable build.
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { afterEach, beforeEach, vi } from "vitest";
import { heed } from "../../src/cli/program";
import { grammarText } from "../../src/data/grammar";

/** For what starts processes, on a busy machine. */
export const PROCESS_MS = 120_000;
/** A model that takes a step in about a millisecond. */
export const TINY = "--layers 1 --heads 2 --width 16 --context 16 --batch 4 --build portable".split(" ");
/** Long enough to learn from, short enough to evaluate in no time. */
export const TEXT = grammarText({ characters: 6000 });

export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const CLI = fileURLToPath(new URL("../../src/cli.ts", import.meta.url));
const LOADER = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;

/** Starts heed in the current folder, as package.json's script does. */
export function start(...words: readonly string[]): { process: ChildProcess; ended: Promise<Ended> } {
  const child = spawn(process.execPath, ["--conditions=heed-source", "--import", LOADER, CLI, ...words], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const texts = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (text: string) => {
      texts[name] += text;
    });
  }
  // A process that a signal ended has no code.
  const ended = once(child, "close").then(([code]) => ({ code: code ?? -1, ...texts }));
  return { process: child, ended };
}

/** Runs heed here: the same code without the second that a process takes to start. */
export async function run(...words: readonly string[]): Promise<Ended> {
  const texts = { stdout: "", stderr: "" };
  const spies = (["stdout", "stderr"] as const).map((name) =>
    vi.spyOn(process[name], "write").mockImplementation((text) => {
      texts[name] += String(text);
      return true;
    }),
  );
  try {
    return { code: await heed(words), ...texts };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

/** The words that heed gets where a shell reads this line, which calls it by either of its names. */
export function shellWords(line: string): string[] {
  const script = `heed() { printf '%s\\0' "$@"; }\nnpm() { shift 4; heed "$@"; }\n${line}`;
  return execFileSync("sh", ["-c", script], { encoding: "utf8" }).split("\0").slice(0, -1);
}

/** Every test of the file starts in an empty folder, which is gone afterwards. */
export function inFreshFolder(): void {
  const home = process.cwd();
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "heed-"));
    process.chdir(folder);
  });
  afterEach(() => {
    process.chdir(home);
    rmSync(folder, { recursive: true });
  });
}

/** All files below the current folder with their content. */
export function files(): Record<string, string> {
  const paths = readdirSync(".", { recursive: true, encoding: "utf8" }).sort();
  return Object.fromEntries(
    paths.map((path) => [path, statSync(path).isDirectory() ? "" : readFileSync(path, "latin1")]),
  );
}

export function json(path: string) {
  return JSON.parse(readFileSync(path, "utf8"));
}

/** Resolves when a file has at least so many lines; rejects when the process ends first. */
export async function untilLines(path: string, count: number, child: ChildProcess): Promise<void> {
  while (!existsSync(path) || readFileSync(path, "utf8").split("\n").length <= count) {
    if (child.exitCode !== null) throw new Error(`ended before ${path} had ${count} lines`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
