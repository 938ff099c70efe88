// The files that trials of an experiment read: named in their settings, with a digest that tells whether a file is still the same.
import { resolve } from "node:path";
import type { Config, Inputs } from "../experiments/experiment";
import { digest } from "../math/digest";
import { readText } from "../terminal/files";
import { UsageError } from "../terminal/usage";

/**
 * The settings that name a text.
 * @param config any config of the experiment
 * @throws UsageError where there is no such file, and where the experiment reads none
 */
export function textSettings(experiment: string, config: Config, path: string): Config {
  if (!Object.hasOwn(config, "text")) throw new UsageError(`--text: experiment ${experiment} reads no text`);
  return { text: resolve(path), textDigest: digestOf(readText(path)) };
}

/** @throws Error when a file has changed since the trial was planned */
export function readInputs({ text, textDigest }: Config): Inputs {
  if (typeof text !== "string" || text === "") return {};
  const content = readText(text);
  if (digestOf(content) === textDigest) return { text: content };
  throw new Error(`${text}: the text must be the one that the run began with, it has changed; begin again`);
}

function digestOf(content: string): string {
  return digest(new TextEncoder().encode(content));
}
