// Everything that determines a training run: its words, defaults and rules, as the command line, heed.json and the playground have them.
import { attentions } from "../attention";
import { masks } from "../attention/mask";
import { normalizers } from "../attention/normalizer";
import { type OptionName, type Options, options, type Option as RegistryOption } from "../attention/options";
import { positions } from "../attention/position";
import { indices } from "../attention/position/strategy";
import { scales } from "../attention/scale";
import { datasets } from "../data";
import { type ModelName, models } from "../models";
import { placements } from "../models/gau-config";
import { residuals } from "../models/residual";
import { mlps } from "../nn/mlp";
import { norms } from "../nn/norm";
import { activations } from "../ops/activation";
import { number, oneOf, whole } from "../terminal/options";
import { at } from "../terminal/usage";
import { optimizers } from "../train/optimizer";
import { parseRates, ratesWord } from "./rates";

export interface Row<T> {
  readonly flags: string;
  readonly help: string;
  readonly standard: T;
  /** Where the value is one of few. */
  readonly words?: readonly string[];
  /** Throws an Error that says what a word must be. */
  readonly parse: (word: string) => T;
}

function row<T>(flags: string, help: string, standard: T, parse: (word: string) => T): Row<T> {
  return { flags, help, standard, parse };
}

/** A row whose values are the keys of a registry. */
function choice<K extends string>(
  flags: string,
  help: string,
  standard: K,
  registry: Readonly<Record<K, unknown>>,
): Row<K> {
  const words = Object.keys(registry);
  return { flags, help: `${help}: ${words.join(", ")}`, standard, words, parse: oneOf(registry) };
}

/** The generators that make a text. */
export const generators = {
  grammar: datasets.grammar,
  "repeated-text": datasets["repeated-text"],
} as const;

/** A kind of tokenizer, or a path: a word with an ending or a folder. */
function tokenizer(word: string): string {
  return /[./\\]/.test(word) ? word : oneOf({ char: 0, word: 0 })(word);
}

/** The tokenizer's file where a setting names one. */
export function tokenizerFile(tokenizer: string): string | undefined {
  return isKind(tokenizer) ? undefined : tokenizer;
}

/** The kind of tokenizer that a setting names. Throws an Error for one that names a file. */
export function tokenizerKind(tokenizer: string): "char" | "word" {
  if (isKind(tokenizer)) return tokenizer;
  throw new Error(`the tokenizer ${tokenizer} must be given, as it is a file`);
}

function isKind(tokenizer: string): tokenizer is "char" | "word" {
  return tokenizer === "char" || tokenizer === "word";
}

// The defaults of both make a run of about a minute: held-out loss 1.05 nats on the generated text. Learned positions cost 0.09 more.
const modelRows = {
  model: choice<ModelName>("--model <name>", "kind of model", "gpt", models),
  layers: row("--layers <n>", "blocks", 2, whole(0)),
  heads: row("--heads <n>", "attention heads; they divide the width", 4, whole(1)),
  width: row("--width <n>", "channels of the residual stream", 96, whole(1)),
  context: row("--context <n>", "tokens at most in one sequence", 64, whole(1)),
  attention: choice("--attention <name>", "attention variant", "dot-product", attentions),
  position: choice(
    "--position <name>",
    "position scheme; auto is rope, or learned where there are no keys to turn, or qk-learned for attention-only",
    "auto",
    { auto: undefined, ...positions },
  ),
  index: choice("--index <name>", "which positions tokens are given", "plain", indices),
  scale: choice("--scale <name>", "factor on attention logits", "inverse-sqrt", scales),
  mask: choice("--mask <name>", "who sees whom", "causal", masks),
  normalizer: choice("--normalizer <name>", "from logits to weights", "softmax", normalizers),
  norm: choice("--norm <name>", "normalisation layer", "layernorm", norms),
  keyWidth: row(
    "--key-width <n>",
    "channels of queries and keys of a gau; 0: as wide as the model, at most 128",
    0,
    whole(0),
  ),
  placement: choice(
    "--placement <where>",
    "norm before the unit of a gau or after its residual sum",
    "pre",
    placements,
  ),
  activation: choice("--activation <name>", "nonlinearity of the MLPs", "gelu", activations),
  mlp: choice("--mlp <name>", "kind of MLP", "plain", mlps),
  residual: choice("--residual <name>", "how a block adds its parts", "sequential", residuals),
} as const;

/** Kebab-case on the command line. */
const optionRows = Object.fromEntries(
  Object.entries<RegistryOption>(options).map(([name, option]) => {
    const flag = `--${name.replace(/[A-Z]/g, (capital) => `-${capital.toLowerCase()}`)}`;
    return [name, optionRow(flag, option)];
  }),
) as { readonly [Name in OptionName]: Row<Options[Name]> }; // one row for each option, of its kind

function optionRow(flag: string, option: RegistryOption): Row<string | number> {
  const { help, standard } = option;
  if (!("least" in option)) {
    const { words } = option;
    return words
      ? choice(`${flag} <word>`, help, String(standard), Object.fromEntries(words.map((word) => [word, 0])))
      : row(`${flag} <text>`, help, standard, (word) => word);
  }
  const { whole: isWhole, least } = option;
  return row(`${flag} <n>`, help, standard, isWhole ? whole(least) : number(least));
}

const trainingRows = {
  data: choice("--data <name>", "what generates the text, if none is given", "grammar", generators),
  tokenizer: row("--tokenizer <kind>", "what a token is: char, word, or a tokenizer.json", "char", tokenizer),
  steps: row("--steps <n>", "optimiser steps in all", 600, whole(1)),
  batch: row("--batch <n>", "sequences in a step", 16, whole(1)),
  lr: row("--lr <rate>", "highest learning rate", 3e-3, number(0, undefined, "low")),
  rates: row("--rates <changes>", "other highest rates from a step on, 120:0.003,300:0.001", "", (word) =>
    ratesWord(parseRates(word)),
  ),
  dropout: row("--dropout <rate>", "share of channels dropped while training", 0, number(0, 1, "high")),
  optimizer: choice("--optimizer <name>", "update rule", "adamw", optimizers),
  weightDecay: row("--weight-decay <rate>", "decay of weight matrices", 0.1, number(0)),
  tableRate: row(
    "--table-rate <factor>",
    "learning rate of position tables over that of weights",
    15,
    number(0),
  ),
  clip: row("--clip <norm>", "largest norm of the gradients", 1, number(0, undefined, "low")),
  seed: row("--seed <n>", "randomness of data order, weights and dropout", 1, whole(0)),
} as const;

/** By what they are about, for help texts and forms. */
export const rowGroups = { training: trainingRows, model: modelRows, options: optionRows } as const;
const rows = { ...modelRows, ...optionRows, ...trainingRows };

type Values<R extends Readonly<Record<string, Row<unknown>>>> = {
  -readonly [K in keyof R]: R[K]["standard"];
};

/** Settings that runs from before they were there do not name. */
const added: ReadonlySet<string> = new Set([
  "index",
  "keyWidth",
  "mlp",
  "residual",
  "placement",
  "tableRate",
  "rates",
  ...Object.keys(options),
]);

/** What is given on the command line; the rest are defaults. */
export type Settings = Values<typeof rows> & { text?: string };

/**
 * Checks settings that come from a file instead of the command line, by the same rules. What an older file does not name has its default.
 * @throws Error that names the setting
 */
export function checkSettings(given: unknown): Settings {
  const settings: Readonly<Record<string, unknown>> = { ...Object(given) };
  const values = Object.entries<Row<unknown>>(rows).map(([key, { parse, standard }]) => {
    const value = settings[key];
    return [key, value === undefined && added.has(key) ? standard : at(key, () => parse(String(value)))];
  });
  const text = typeof settings.text === "string" ? { text: settings.text } : {};
  // Every key of Settings has a row, and each row's parser returns its type.
  return { ...Object.fromEntries(values), ...text } as Settings;
}

/** The words that give these settings: what differs from the defaults. */
export function settingWords({ text, ...settings }: Settings): string[] {
  const changed = Object.entries<Row<unknown>>(rows).flatMap(([key, { flags, standard }]) => {
    const value = settings[key as keyof typeof rows]; // its own key
    return value === standard ? [] : [flags.slice(0, flags.indexOf(" ")), String(value)];
  });
  return [...(text === undefined ? [] : ["--text", text]), ...changed];
}
