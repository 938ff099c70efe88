// What the folder of a training run holds, on a disk or in a browser:
//
//     heed.json                what was asked: settings, tokenizer, text, build
//     metrics.jsonl            one line a step, and one an evaluation
//     checkpoint.safetensors   model and optimiser, to go on from
//     model.safetensors        the model alone
//     tokenizer.json           the tokenizer, where it was given as a file, and tokenizer_config.json if that lay beside it
//     result.json, report.html at the end, the report last
import { type Tokenizer, type TokenizerJSON, tokenizerFromJSON } from "../data/tokenizer";
import type { Build } from "../runtime/features";
import { oneOf } from "../terminal/options";
import { at } from "../terminal/usage";
import { checkSettings, type Settings } from "./settings";

const FORMAT = 1;

export const runFiles = {
  description: "heed.json",
  metrics: "metrics.jsonl",
  checkpoint: "checkpoint.safetensors",
  model: "model.safetensors",
  tokenizer: "tokenizer.json",
  tokenizerSettings: "tokenizer_config.json",
  result: "result.json",
  report: "report.html",
} as const;

export type RunFile = keyof typeof runFiles;

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

/** The text of heed.json. */
export function describeRun(description: RunDescription): string {
  return `${JSON.stringify({ heed: FORMAT, ...description }, null, 2)}\n`;
}

/**
 * @returns with tokenizer "file" where it is in a file of its own
 * @throws Error for what is not the text of a heed.json
 */
export function parseDescription(
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
