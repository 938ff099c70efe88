// A folder of Hugging Face's as the command line's tests use it: a tiny llama with a tokenizer of heed's, and what is wrong with it.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { tokenizerFiles } from "../../src/checkpoints/tokenizer-json";
import { charTokenizer } from "../../src/data/tokenizer";
import logits from "../checkpoints/fixtures/logits.json";
import { goldenTensors, safetensors } from "../checkpoints/folder";
import { run as heed } from "./heed";

const LETTERS = "abcdefghijklmnopqrstuvwxyz .,:?\n01234"; // 37, as the fixtures' models know
export const own = charTokenizer(LETTERS);
export const checkpoint = logits.llama;

/** On the build that these tests run on. */
export const run = (command: string, ...words: string[]) => heed(command, ...words, "--build", "portable");

/** A folder that heed reads, and what of it is changed; `undefined` leaves a file out. */
export function folder(
  path: string,
  changes: Readonly<Record<string, object | string | Uint8Array | undefined>> = {},
) {
  const { tokenizer, settings } = tokenizerFiles(own.toJSON() as Parameters<typeof tokenizerFiles>[0], 24);
  const files = {
    "config.json": checkpoint.config,
    "model.safetensors": safetensors(goldenTensors(checkpoint), "BF16"),
    "tokenizer.json": tokenizer,
    "tokenizer_config.json": settings,
    ...changes,
  };
  mkdirSync(path);
  for (const [name, content] of Object.entries(files)) {
    const text =
      typeof content === "object" && !(content instanceof Uint8Array) ? JSON.stringify(content) : content;
    if (text !== undefined) writeFileSync(join(path, name), text);
  }
  return path;
}
