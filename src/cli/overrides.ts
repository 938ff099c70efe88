// `--set key=value` for experiments: a change to every config of the grid, of the same type as what it replaces.
import type { Config, Experiment } from "../experiments/experiment";
import { nearest } from "../terminal/near-miss";
import { UsageError } from "../terminal/usage";

/**
 * @param words like "width=8"
 * @param config any config of the grid: it says which keys there are and of which type
 * @param choices the words that a setting may have, where it has a choice
 * @throws UsageError for an unknown key, a value of another type or not among the choices, or a key set twice
 */
export function parseOverrides(
  words: readonly string[],
  config: Config,
  choices: Experiment["choices"] = {},
): Config {
  const overrides = new Map<string, Config[string]>();
  for (const word of words) {
    const [, key, value] = /^([^=]+)=(.*)$/s.exec(word) ?? [];
    if (key === undefined || value === undefined)
      throw new UsageError(`--set: key=value is needed, got "${word}"`);
    const current = Object.hasOwn(config, key) ? config[key] : undefined;
    if (current === undefined) {
      const near = nearest(key, Object.keys(config));
      const hint = near ? `; did you mean ${near}?` : "";
      throw new UsageError(
        `--set: there is no setting "${key}", there are ${Object.keys(config).join(", ")}${hint}`,
      );
    }
    if (overrides.has(key)) throw new UsageError(`--set: ${key} must be given once, got it twice`);
    const among = Object.hasOwn(choices, key) ? choices[key] : undefined;
    overrides.set(key, among ? chosen(among, key, value) : parseLike(current, key, value));
  }
  return Object.fromEntries(overrides);
}

function chosen(words: readonly string[], key: string, value: string): string {
  if (words.includes(value)) return value;
  const near = nearest(value, words);
  const hint = near ? `; did you mean ${near}?` : "";
  throw new UsageError(`--set: ${key} must be one of ${words.join(", ")}, got "${value}"${hint}`);
}

function parseLike(current: Config[string], key: string, value: string): Config[string] {
  if (typeof current === "string") return value;
  if (typeof current === "boolean") {
    if (value === "true" || value === "false") return value === "true";
    throw new UsageError(`--set: ${key} must be true or false, got "${value}"`);
  }
  const parsed = value.trim() === "" ? Number.NaN : Number(value);
  if (Number.isFinite(parsed)) return parsed;
  throw new UsageError(`--set: ${key} must be a number, like ${current}, got "${value}"`);
}
