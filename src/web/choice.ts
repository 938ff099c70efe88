// One of a list, at one of some sizes: what experiments and suites have in common. The address asks for it, or two selects do.
import { html, type TemplateResult } from "lit-html";
import type { Words } from "./address";

export interface Choice<Size extends string> {
  readonly name: string;
  readonly size: Size;
}

/** What there is to choose from. */
export interface Menu<Size extends string> {
  /** What one of the list is called, in sentences. */
  readonly what: string;
  /** What it is called in addresses. */
  readonly word: string;
  /** The one that is chosen where there is not what was asked for. */
  readonly first: string;
  readonly sizes: readonly Size[];
}

interface Chosen<Size extends string> {
  readonly choice: Choice<Size>;
  /** Why it is not what was asked for; empty where it is. */
  readonly notice: string;
}

interface Circumstances<Size extends string> {
  /** What is not asked for stays as it is here. */
  readonly choice: Choice<Size>;
  readonly running: Choice<Size> | undefined;
  /** Of the whole list, once it is known. */
  readonly names: readonly string[] | undefined;
}

/** What is chosen once these words were asked for. */
export function chosenBy<Size extends string>(
  words: Words,
  { what, word, first, sizes }: Menu<Size>,
  { choice, running, names }: Circumstances<Size>,
): Chosen<Size> {
  const { [word]: name = choice.name, size = choice.size } = words;
  const known = sizes.find((word) => word === size);
  const missing = names !== undefined && !names.includes(name);
  const next = { name: missing ? first : name, size: known ?? choice.size };
  if (running && !sameChoice(running, next))
    return { choice, notice: `${label(running)} is running: stop it to choose another.` };
  if (missing) return { choice: next, notice: `There is no ${what} “${name}”; this is ${first}.` };
  return { choice: next, notice: known ? "" : `There is no size “${size}”: ${listing(sizes)}.` };
}

export function choiceWords<Size extends string>({ name, size }: Choice<Size>, { word }: Menu<Size>): Words {
  return { [word]: name, size };
}

export function sameChoice(a: Choice<string>, b: Choice<string>): boolean {
  return a.name === b.name && a.size === b.size;
}

export function label({ name, size }: Choice<string>): string {
  return `${name}, ${size} size`;
}

/** @param choose called with the word that was changed */
export function choiceView<Size extends string>(
  { name, size }: Choice<Size>,
  { what, word, sizes }: Menu<Size>,
  { names, off, choose }: ChoiceViewOptions,
): TemplateResult {
  const select = (word: string, what: string, options: readonly string[], chosen: string) =>
    html`<label>${what} <select name=${word} ?disabled=${off} @change=${(event: Event) => choose({ [word]: (event.target as HTMLSelectElement).value })}>
      ${options.map((option) => html`<option .selected=${option === chosen}>${option}</option>`)}
    </select></label>`;
  return html`${select(word, what, names ?? [], name)} ${select("size", "size", sizes, size)}`;
}

interface ChoiceViewOptions {
  readonly names: readonly string[] | undefined;
  readonly off: boolean;
  readonly choose: (words: Words) => void;
}

function listing(words: readonly string[]): string {
  return `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;
}
