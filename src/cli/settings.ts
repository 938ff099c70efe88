// Everything that determines a training run, as options of the command line and as it stands in heed.json.
import { Option } from "commander";
import { attentions } from "../attention";
import { masks } from "../attention/mask";
import { normalizers } from "../attention/normalizer";
import { positions } from "../attention/position";
import { scales } from "../attention/scale";
import { datasets } from "../data";
import { models } from "../models";
import { norms } from "../nn/norm";
import { activations } from "../ops/activation";
import { optimizers } from "../train/optimizer";
import { number, oneOf, whole } from "./options";

/** flags, what it is, default, parser. */
type Row<T> = readonly [flags: string, help: string, standard: T, parse: (word: string) => T];

function row<T>(flags: string, help: string, standard: T, parse: (word: string) => T): Row<T> {
  return [flags, help, standard, parse];
}

/** The generators that make a text. */
const generators = { grammar: datasets.grammar } as const;

export const modelRows = {
  model: row("--model <name>", "kind of model", "gpt", oneOf(models)),
  attention: row("--attention <name>", "attention variant", "dot-product", oneOf(attentions)),
  position: row("--position <name>", "position scheme", "learned", oneOf(positions)),
  scale: row("--scale <name>", "factor on attention logits", "inverse-sqrt", oneOf(scales)),
  mask: row("--mask <name>", "who sees whom", "causal", oneOf(masks)),
  normalizer: row("--normalizer <name>", "from logits to weights", "softmax", oneOf(normalizers)),
  norm: row("--norm <name>", "normalisation layer", "layernorm", oneOf(norms)),
  activation: row("--activation <name>", "nonlinearity of the MLPs", "gelu", oneOf(activations)),
  layers: row("--layers <n>", "blocks", 2, whole(0)),
  heads: row("--heads <n>", "attention heads", 4, whole(1)),
  width: row("--width <n>", "channels of the residual stream", 96, whole(1)),
  context: row("--context <n>", "tokens at most in one sequence", 64, whole(1)),
  dropout: row("--dropout <rate>", "share of channels dropped while training", 0, number(0, 1, "high")),
} as const;

export const trainingRows = {
  data: row("--data <name>", "generated text, where no --text is given", "grammar", oneOf(generators)),
  tokenizer: row("--tokenizer <kind>", "what a token is", "char", oneOf({ char: 0, word: 0 })),
  batch: row("--batch <n>", "sequences in a step", 16, whole(1)),
  steps: row("--steps <n>", "optimiser steps in all", 1000, whole(1)),
  lr: row("--lr <rate>", "highest learning rate", 2e-3, number(0, undefined, "low")),
  optimizer: row("--optimizer <name>", "update rule", "adamw", oneOf(optimizers)),
  weightDecay: row("--weight-decay <rate>", "decay of weight matrices", 0.1, number(0)),
  clip: row("--clip <norm>", "largest norm of the gradients", 1, number(0, undefined, "low")),
  seed: row("--seed <n>", "randomness of data order, weights and dropout", 1, whole(0)),
} as const;

type Values<R extends Readonly<Record<string, Row<unknown>>>> = { -readonly [K in keyof R]: R[K][2] };

export type ModelSettings = Values<typeof modelRows>;
export type TrainingSettings = Values<typeof trainingRows>;

/** What is given on the command line; the rest are defaults. */
export type Settings = ModelSettings & TrainingSettings & { text?: string };

export function settingOptions(): Option[] {
  return Object.values({ ...modelRows, ...trainingRows }).map(([flags, help, standard, parse]) =>
    new Option(flags, help).default(standard).argParser<unknown>(parse),
  );
}

/** Checks settings that come from a file instead of the command line, by the same rules. */
export function checkSettings(given: Readonly<Record<string, unknown>>): Settings {
  const rows = Object.entries({ ...modelRows, ...trainingRows });
  const values = rows.map(([key, [, , , parse]]) => [
    key,
    (parse as (word: string) => unknown)(String(given[key])),
  ]);
  const text = typeof given.text === "string" ? { text: given.text } : {};
  // Every key of Settings has a row, and each row's parser returns its type.
  return { ...Object.fromEntries(values), ...text } as Settings;
}
