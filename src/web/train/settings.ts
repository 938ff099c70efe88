// The settings of a run as the form, the address and heed.json have them: words of the command line, checked by its own rules.
import {
  checkSettings,
  generators,
  type Row,
  rowGroups,
  type Settings,
  tokenizerKind,
} from "../../cli/settings";
import { type NamedCorpus, namedCorpus } from "../../data/named-corpus";
import type { Tokenizer } from "../../data/tokenizer";
import { at } from "../../terminal/usage";
import { expectRecipe } from "../../train/recipe";
import type { Words } from "../address";
import type { FieldGroup, GivenText, GivenTokenizer } from "./protocol";

/** A run before its model is made. */
export interface Plan {
  readonly settings: Settings;
  readonly corpus: NamedCorpus;
  readonly text?: GivenText;
  readonly tokenizer?: GivenTokenizer;
}

/** What a run begins with beside its settings, and what reads the text, where that is known. */
export interface PlanMaterials {
  readonly text?: GivenText | undefined;
  readonly file?: GivenTokenizer | undefined;
  readonly tokenizer?: Tokenizer | undefined;
}

/** Whether settings go together does not depend on it. */
const ANY_VOCABULARY = 2;

const rows: readonly [string, Row<unknown>][] = Object.values(rowGroups).flatMap((group) =>
  Object.entries<Row<unknown>>(group),
);

/** The form that these settings make. */
export function formGroups(): FieldGroup[] {
  return (["training", "model", "options"] as const).map((name) => ({
    name,
    fields: Object.entries<Row<unknown>>(rowGroups[name]).map(([name, { flags, help, standard, words }]) => ({
      name,
      flag: flags.slice(2, flags.indexOf(" ")),
      // A list of what can be chosen follows the colon.
      help: inWords(words ? help.split(": ")[0]! : help),
      standard: String(standard),
      ...(words && { words }),
    })),
  }));
}

/** Names of other settings as their labels have them. */
function inWords(help: string): string {
  const named = help.replaceAll("`", "");
  return named.replace(/\b[a-z]+(?:[A-Z][a-z]+)+\b/g, (name) =>
    name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`),
  );
}

/** Words that name a setting, and the names of those that do not. */
export function sortWords(words: Words): { readonly known: Words; readonly unknown: readonly string[] } {
  const names = new Set(rows.map(([name]) => name));
  const all = Object.entries(words);
  const known = Object.fromEntries(all.filter(([name]) => names.has(name)));
  return { known, unknown: Object.keys(words).filter((name) => !names.has(name)) };
}

/**
 * @param tokenizer the name of the tokenizer's file, where there is one
 * @throws Error that names the setting, or says why some do not go together
 */
export function settingsOf(words: Words, tokenizer?: string): Settings {
  const [unknown] = sortWords(words).unknown;
  if (unknown !== undefined) throw new Error(`${unknown}: there is no such setting`);
  const standard = Object.fromEntries(rows.map(([name, { standard }]) => [name, standard]));
  const settings = checkSettings({ ...standard, ...words });
  if (settings.tokenizer !== tokenizer) at("tokenizer", () => tokenizerKind(settings.tokenizer));
  expectRecipe(settings, ANY_VOCABULARY);
  return settings;
}

/** What a run is called: its attention belongs to it where that is another than usual. */
export function planTitle({ settings, corpus }: Plan): string {
  const { model, attention } = settings;
  const kind = attention === rowGroups.model.attention.standard ? model : `${model} with ${attention}`;
  return `${kind} on ${corpus.name}`;
}

/** Those that are not at their defaults. */
export function planWords({ settings }: Pick<Plan, "settings">): Words {
  const changed = rows.filter(
    ([name, { standard }]) => settings[name as keyof Settings] !== standard, // rows are keyed by settings
  );
  return Object.fromEntries(changed.map(([name]) => [name, String(settings[name as keyof Settings])]));
}

/** @throws Error for a text that is too short, or has nothing to learn */
export function plan(given: Settings, { text, file, tokenizer }: PlanMaterials): Plan {
  const { text: _, ...bare } = given;
  const name = text?.name.replace(/\.[^.]*$/, "") ?? bare.data;
  const corpus = at(text?.name ?? bare.data, () =>
    namedCorpus(text?.content ?? generators[bare.data].make(), {
      name,
      tokenizer: tokenizer ?? tokenizerKind(bare.tokenizer),
      context: bare.context,
    }),
  );
  const names = { ...(text && { text: text.name }), ...(file && { tokenizer: file.name }) };
  const settings = { ...bare, ...names, ...(text && { data: rowGroups.training.data.standard }) }; // one or the other
  return { settings, corpus, ...(text && { text }), ...(file && { tokenizer: file }) };
}
