// The folder of a training run on a disk: its files, and how they are read and written.
import { appendFileSync, readFileSync } from "node:fs";
import { isAbsolute, join } from "node:path";
import type { Tokenizer } from "../data/tokenizer";
import { holds, readBytes, readText, removePartial, replaceFile } from "../terminal/files";
import { at, messageOf, UsageError } from "../terminal/usage";
import type { StepMetrics } from "../train/trainer";
import { commandLine } from "./command-line";
import { diskFolder } from "./disk-folder";
import {
  describeRun,
  type EvaluationMetrics,
  parseDescription,
  type RunDescription,
  type RunFile,
  runFiles,
} from "./run-description";
import type { Settings } from "./settings";
import { openTokenizer } from "./tokenizer-file";

export interface RecordedMetrics {
  readonly steps: readonly StepMetrics[];
  readonly evaluations: readonly EvaluationMetrics[];
}

export class RunFolder {
  readonly path: string;
  #pending: string[] = [];

  constructor(path: string) {
    this.path = path;
  }

  file(name: RunFile): string {
    return join(this.path, runFiles[name]);
  }

  has(name: RunFile): boolean {
    return holds(this.path, runFiles[name]);
  }

  /** Makes this folder a run. */
  describe(description: RunDescription): void {
    this.save("description", describeRun(description));
  }

  /**
   * @throws UsageError when this is no run of heed's
   * @throws Error when heed.json is not sound
   */
  async description(): Promise<RunDescription & { readonly tokenizer: Tokenizer }> {
    if (!this.has("description")) {
      throw new UsageError(
        `${this.path}: must be a folder that heed trained in, there is no heed.json; make one with: ${commandLine("train")}`,
      );
    }
    const text = readText(this.file("description"));
    const read = at(this.file("description"), () => parseDescription(text));
    const parsed = { ...read, settings: this.#withText(read.settings) };
    const { tokenizer } = parsed;
    if (tokenizer !== "file") return { ...parsed, tokenizer };
    const opened = await openTokenizer(diskFolder(this.path)).catch((error: unknown) => {
      throw new Error(`${this.path}: ${messageOf(error)}`, { cause: error });
    });
    return { ...parsed, tokenizer: opened };
  }

  /** The playground puts the text beside the run, by its name alone. */
  #withText(settings: Settings): Settings {
    const { text } = settings;
    const here = text !== undefined && !isAbsolute(text) && holds(this.path, text);
    return here ? { ...settings, text: join(this.path, text) } : settings;
  }

  /** Keeps a line in memory; `flush` writes it. */
  record(line: StepMetrics | EvaluationMetrics): void {
    this.#pending.push(`${JSON.stringify(line)}\n`);
  }

  /** Brings what was recorded to the disk. */
  flush(): void {
    appendFileSync(this.file("metrics"), this.#pending.join(""), { flush: true });
    this.#pending = [];
  }

  metrics(): RecordedMetrics {
    const lines = readMetrics(this.file("metrics"));
    return {
      steps: lines.filter(isStep),
      evaluations: lines.filter((line): line is EvaluationMetrics => !isStep(line)),
    };
  }

  /**
   * Forgets what was measured after `step`, and files that were cut off while they were written: the run goes on from there.
   * @throws Error when a step before it is missing
   */
  rewind(step: number): void {
    // The first step's run evaluates before it: at 0 nothing is kept.
    const kept = readMetrics(this.file("metrics")).filter((line) => step > 0 && line.step <= step);
    const steps = kept.filter(isStep);
    const missing = Array.from({ length: step }, (_, done) => done + 1).find(
      (number, done) => steps[done]?.step !== number,
    );
    if (missing !== undefined)
      throw new Error(`${this.file("metrics")}: must hold steps 1 to ${step}, step ${missing} is missing`);
    removePartial(this.path);
    this.save("metrics", kept.map((line) => `${JSON.stringify(line)}\n`).join(""));
  }

  save(name: RunFile, content: string | Uint8Array): void {
    replaceFile(this.file(name), content);
  }

  load(name: "checkpoint" | "model"): Uint8Array {
    return readBytes(this.file(name));
  }
}

function isStep(line: StepMetrics | EvaluationMetrics): line is StepMetrics {
  return "loss" in line;
}

function readMetrics(path: string): (StepMetrics | EvaluationMetrics)[] {
  // Whatever stands behind the last newline was cut off while it was written.
  const lines = readFileSync(path, "utf8").split("\n").slice(0, -1);
  // Lines are written by `record` alone.
  return lines.map((line, index) => at(`${path}:${index + 1}`, () => JSON.parse(line)));
}
