// The folder of a training run: its files, and how they are read and written.
//
//     heed.json                what was asked: settings, tokenizer, text, build
//     metrics.jsonl            one line a step, and one an evaluation
//     checkpoint.safetensors   model and optimiser, to go on from
//     model.safetensors        the model alone
//     tokenizer.json           the tokenizer, where it was given as a file, and tokenizer_config.json if that lay beside it
//     result.json, report.html at the end, the report last
import { appendFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Tokenizer, type TokenizerJSON, tokenizerFromJSON } from "../data/tokenizer";
import type { Build } from "../runtime/features";
import type { StepMetrics } from "../train/trainer";
import { commandLine } from "./command-line";
import { diskFolder } from "./disk-folder";
import { holds, readBytes, readText, removePartial, replaceFile } from "./files";
import { oneOf } from "./options";
import { checkSettings, type Settings } from "./settings";
import { openTokenizer } from "./tokenizer-file";
import { at, messageOf, UsageError } from "./usage";

const FORMAT = 1;

type FileName = keyof typeof files;
const files = {
  description: "heed.json",
  metrics: "metrics.jsonl",
  checkpoint: "checkpoint.safetensors",
  model: "model.safetensors",
  tokenizer: "tokenizer.json",
  tokenizerSettings: "tokenizer_config.json",
  result: "result.json",
  report: "report.html",
} as const;

export interface RunDescription {
  readonly settings: Settings;
  readonly build: Build;
  readonly tokenizer: Tokenizer | TokenizerJSON;
  readonly corpus: { readonly name: string; readonly digest: string };
}

export interface EvaluationMetrics {
  /** Steps done when this was measured. */
  readonly step: number;
  /** Nats per token on the first part of the held-out split. */
  readonly heldOut: number;
  /** Attention entropy in nats, mean over rows. */
  readonly entropy: readonly { readonly layer: number; readonly head: number; readonly entropy: number }[];
}

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

  file(name: FileName): string {
    return join(this.path, files[name]);
  }

  has(name: FileName): boolean {
    return holds(this.path, files[name]);
  }

  /** Makes this folder a run. */
  describe(description: RunDescription): void {
    this.save("description", `${JSON.stringify({ heed: FORMAT, ...description }, null, 2)}\n`);
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
    const parsed = at(this.file("description"), () => parseDescription(text));
    const { tokenizer } = parsed;
    if (tokenizer !== "file") return { ...parsed, tokenizer };
    const opened = await openTokenizer(diskFolder(this.path)).catch((error: unknown) => {
      throw new Error(`${this.path}: ${messageOf(error)}`, { cause: error });
    });
    return { ...parsed, tokenizer: opened };
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

  save(name: FileName, content: string | Uint8Array): void {
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

function parseDescription(
  text: string,
): Omit<RunDescription, "tokenizer"> & { readonly tokenizer: Tokenizer | "file" } {
  const value: Readonly<Record<string, unknown>> = { ...Object(JSON.parse(text)) };
  if (value.heed !== FORMAT) {
    throw new Error(`must be of heed's format ${FORMAT}, got "heed": ${JSON.stringify(value.heed)}`);
  }
  const { name, digest }: { name?: unknown; digest?: unknown } = Object(value.corpus);
  if (typeof name !== "string" || typeof digest !== "string")
    throw new Error(`corpus must have a name and a digest, got ${JSON.stringify(value.corpus)}`);
  return {
    settings: at("settings", () => checkSettings(value.settings)),
    build: at("build", () => oneOf({ portable: 0, fast: 0 })(String(value.build))),
    tokenizer: Object(value.tokenizer).kind === "file" ? "file" : tokenizerFromJSON(value.tokenizer),
    corpus: { name, digest },
  };
}
