// The form of a run: a control for each setting of the command line, made from its registries.
import { html, nothing, type TemplateResult } from "lit-html";
import { sameWords, type Words } from "../address";
import { mostThreads } from "./link";
import { tokenizerInUse } from "./materials";
import type { Field, Threads } from "./protocol";
import { complaint, type TrainState } from "./state";
import { lacksText, type TextActions, textView } from "./text-form";

/** Those that people change first, in this order; the rest opens on demand. */
const FIRST = [
  "data",
  "model",
  "attention",
  "position",
  "mask",
  "scale",
  "layers",
  "heads",
  "width",
  "context",
  "steps",
  "batch",
  "lr",
  "optimizer",
  "smear",
  "seed",
];

/** Of flags that are no words. */
const LABELS: Readonly<Record<string, string>> = { lr: "learning rate" };

export interface FormActions extends TextActions {
  change(words: Words): void;
  build(build: "portable" | "fast"): void;
  threads(threads: Threads): void;
  begin(): void;
  /** Does without the run that is being made. */
  giveUp(): void;
}

export function formView(state: TrainState, actions: FormActions): TemplateResult {
  const fields = state.groups.flatMap(({ fields }) => fields);
  const names = state.words.rates ? [...FIRST, "rates"] : FIRST; // they were changed by hand, perhaps
  const first = names.flatMap((name) => fields.filter((field) => field.name === name));
  const rest = fields.filter(({ name }) => !names.includes(name));
  const control = (field: Field) =>
    controlView(
      field.name === "data" && (state.text || state.wanted) ? { ...field, words: ["your text"] } : field,
      state.words[field.name] ?? field.standard,
      (word) => actions.change({ ...state.words, [field.name]: word }),
    );
  return html`
    <form @submit=${(event: Event) => {
      event.preventDefault();
      actions.begin();
    }}>
      <p class="begin"><button class="main" ?disabled=${state.refusal !== "" || state.groups.length === 0 || lacksText(state)}>Begin training</button></p>
      ${beginNote(state, actions)}
      <p class="error" role="alert">${state.refusal || complaint(state, "form", "check", "begin", "restore")}</p>
      <div class="fields">
        ${first.map(control)}
        ${buildView(state, actions)} ${threadsView(state, actions)}
      </div>
      ${textView(state, actions)}
      <details><summary>All other settings</summary><div class="fields">${rest.map(control)}</div></details>
    </form>
  `;
}

/** What beginning does to the run that is here. */
function beginNote(state: TrainState, { giveUp }: FormActions): TemplateResult | typeof nothing {
  const { run, words, build, text } = state;
  if (state.beginning)
    return html`<p class="note" role="status">Making the model… <button type="button" class="small" @click=${giveUp}>Cancel</button></p>`;
  if (!run) return nothing;
  const { facts } = run;
  const same =
    sameWords(words, facts.words) &&
    build === facts.build &&
    text?.content === facts.text?.content &&
    tokenizerInUse(state)?.digest === facts.tokenizer?.digest;
  return html`<p class="note">${same ? "Begins the same run anew" : `These settings are not yet the run's: Begin makes another${words.rates ? ", with the changed rates below" : ""}`}, and forgets the one beside; Save run keeps it.</p>`;
}

function controlView(
  { name, flag, help, words }: Field,
  value: string,
  change: (word: string) => void,
): TemplateResult {
  const onChange = (event: Event) => change((event.target as HTMLInputElement | HTMLSelectElement).value); // both have one
  const control = words
    ? html`<select name=${name} aria-describedby=${helpId(name)} .value=${value} @change=${onChange}>
        ${words.map((word) => html`<option ?selected=${word === value}>${word}</option>`)}
      </select>`
    : html`<input name=${name} aria-describedby=${helpId(name)} autocomplete="off" .value=${value} @change=${onChange}>`;
  return explained({ name, label: LABELS[flag] ?? flag.replaceAll("-", " "), help }, control);
}

interface Explained {
  readonly name: string;
  readonly label: string;
  readonly help: string;
}

/** The explanation shows while the control is pointed at, touched or has the focus. */
function explained({ name, label, help }: Explained, control: TemplateResult): TemplateResult {
  return html`<div class="control"><label>${label}${control}</label><small class="help" id=${helpId(name)}>${help}</small></div>`;
}

function helpId(name: string): string {
  return `help-${name}`;
}

function buildView({ build }: TrainState, actions: FormActions): TemplateResult {
  const change = (event: Event) =>
    actions.build((event.target as HTMLSelectElement).value === "fast" ? "fast" : "portable");
  const help = "kernels: portable gives the same bits everywhere, fast uses relaxed SIMD";
  return explained(
    { name: "build", label: "build", help },
    html`<select name="build" aria-describedby=${helpId("build")} @change=${change}>
      ${["portable", "fast"].map((word) => html`<option .selected=${word === build}>${word}</option>`)}
    </select>`,
  );
}

/** More than one where memory can be shared. */
function threadsView({ threads }: TrainState, actions: FormActions): TemplateResult {
  const change = (event: Event) => {
    const { value } = event.target as HTMLSelectElement;
    actions.threads(value === "auto" ? value : Number(value));
  };
  const words = ["auto", ...Array.from({ length: mostThreads() }, (_, before) => String(before + 1))];
  const help = "cores to compute on, auto leaves one to this page; the results are the same";
  return explained(
    { name: "threads", label: "threads", help },
    html`<select name="threads" aria-describedby=${helpId("threads")} @change=${change}>
      ${words.map((word) => html`<option .selected=${word === String(threads)}>${word}</option>`)}
    </select>`,
  );
}
