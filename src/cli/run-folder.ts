// The folder of a training run: its files, and how they are read and written.
//
//     heed.json                what was asked: settings, model, tokenizer, text, build
//     metrics.jsonl            one line a step, and one an evaluation
//     checkpoint.safetensors   model and optimiser, to go on from
//     model.safetensors        the model alone
//     result.json, report.html at the end
import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Build } from "../runtime/features";
import type { StepMetrics } from "../train/trainer";
import { readBytes, readText, replaceFile } from "./files";
import type { Settings } from "./settings";
import { UsageError } from "./usage";

export const FORMAT = 1;

export interface RunDescription {
  /** Version of this file's layout. */
  readonly heed: typeof FORMAT;
  readonly settings: Settings;
  readonly build: Build;
  readonly model: { readonly kind: string; readonly config: object };
  readonly tokenizer: object;
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

export type MetricsLine = StepMetrics | EvaluationMetrics;

export class RunFolder {
  readonly path: string;
  #pending: MetricsLine[] = [];

  constructor(path: string) {
    this.path = path;
  }

  file(
    name:
      | "heed.json"
      | "metrics.jsonl"
      | "checkpoint.safetensors"
      | "model.safetensors"
      | "result.json"
      | "report.html",
  ): string {
    return join(this.path, name);
  }

  describe(description: RunDescription): void {
    replaceFile(this.file("heed.json"), `${JSON.stringify(description, null, 2)}\n`);
  }

  /** @throws UsageError when this is no run of heed's */
  description(): RunDescription {
    if (!existsSync(this.file("heed.json"))) {
      throw new UsageError(
        `${this.path}: a folder that heed trained in is needed, there is no heed.json; make one with heed train`,
      );
    }
    const value = parseJson(this.file("heed.json"));
    const known = typeof value === "object" && value !== null && "heed" in value && value.heed === FORMAT;
    if (!known || !("settings" in value) || !("tokenizer" in value) || !("corpus" in value)) {
      throw new Error(
        `${this.file("heed.json")}: must hold settings, tokenizer and corpus of format ${FORMAT}, does not`,
      );
    }
    // Settings are checked one by one where they are used, the tokenizer by its own reader.
    return value as RunDescription;
  }

  record(line: MetricsLine): void {
    this.#pending.push(line);
  }

  /** Brings what was recorded to the disk. */
  flush(): void {
    if (this.#pending.length === 0) return;
    appendFileSync(
      this.file("metrics.jsonl"),
      this.#pending.map((line) => `${JSON.stringify(line)}\n`).join(""),
    );
    this.#pending = [];
  }

  metrics(): MetricsLine[] {
    if (!existsSync(this.file("metrics.jsonl"))) return [];
    const lines = readFileSync(this.file("metrics.jsonl"), "utf8").split("\n");
    // Whatever stands behind the last newline was cut off while it was written.
    return lines.slice(0, -1).map((line): MetricsLine => JSON.parse(line));
  }

  /** Forgets what was measured after `step`: the run goes on from there. */
  truncateMetrics(step: number): void {
    const kept = this.metrics().filter((line) => line.step <= step);
    replaceFile(this.file("metrics.jsonl"), kept.map((line) => `${JSON.stringify(line)}\n`).join(""));
  }

  save(name: "checkpoint.safetensors" | "model.safetensors", bytes: Uint8Array): void {
    replaceFile(this.file(name), bytes);
  }

  load(name: "checkpoint.safetensors" | "model.safetensors"): Uint8Array {
    return readBytes(this.file(name));
  }
}

export function isEvaluation(line: MetricsLine): line is EvaluationMetrics {
  return "heldOut" in line;
}

function parseJson(path: string): unknown {
  try {
    return JSON.parse(readText(path));
  } catch (error) {
    throw new Error(`${path}: must be JSON, ${error instanceof Error ? error.message : error}`);
  }
}
