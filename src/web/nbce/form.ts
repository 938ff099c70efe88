// What is asked, as a form: the model, the contexts, the question, and how what the contexts say is put together.
import { html, nothing, type TemplateResult } from "lit-html";
import { type PoolName, pools } from "../../nbce/pooling";
import { plural } from "../../report/format";
import type { LackingContexts } from "./contexts-words";
import type { Command, News, Question, Refusal } from "./protocol";
import { type NumberName, numbers, poolWords } from "./question";

export interface FormState {
  readonly question: Question;
  /** The contexts that a link spoke of, as long as others are here. */
  readonly lack: LackingContexts | undefined;
  /** Whether no link holds the contexts that are here. */
  readonly tooLong: boolean;
  readonly model: Extract<News, { kind: "model" }> | undefined;
  /** Whether the Train tab trains. */
  readonly training: boolean;
  /** How much of a model's weights was read, while they are. */
  readonly loading: number | undefined;
  readonly answering: boolean;
  /** What went wrong last, until something is done. */
  readonly refusal: Refusal | undefined;
}

export interface FormActions {
  ask(): void;
  stop(): void;
  /** Asks again, with what is too long in pieces. */
  cut(): void;
  change(part: Partial<Question>): void;
  /** While it is being written. */
  write(part: Partial<Question>): void;
  take(files: readonly File[]): void;
}

export function formView(state: FormState, actions: FormActions): TemplateResult {
  const { question, tooLong, refusal } = state;
  const { change, write } = actions;
  const onSubmit = (event: Event) => {
    event.preventDefault();
    actions.ask();
  };
  return html`<form class="nbce" @submit=${onSubmit}>
    ${modelView(state, actions)}
    ${lackView(state)}
    ${question.contexts.map((_, index) => contextView(question.contexts, index, actions))}
    <p><button type="button" @click=${() => change({ contexts: [...question.contexts, ""] })}>One more context</button></p>
    ${tooLong ? html`<p class="note" role="status">Too long for a link: the address leaves these contexts out, and this page forgets them when it is loaded again.</p>` : nothing}
    <label class="field">question<input name="question" autocomplete="off" .value=${question.question} @input=${(event: Event) => write({ question: wordOf(event) })}></label>
    ${numberView("maxTokens", question, actions)}
    <details><summary>How they are put together</summary>
      <label class="field">template, with {context} and {question}<textarea name="template" rows="2" .value=${question.template} @input=${(event: Event) => write({ template: wordOf(event) })}></textarea></label>
      <label class="field check"><input type="checkbox" name="split" .checked=${question.split} @change=${() => change({ split: !question.split })}> contexts that do not fit are cut into pieces that do</label>
      <label class="field">how contexts become one (pool)<select name="pool" @change=${(event: Event) => change({ pool: wordOf(event) as PoolName })}>${Object.keys(pools).map((name) => html`<option .selected=${name === question.pool}>${name}</option>`)}</select></label>
      <p class="note">${poolWords(question.pool)}</p>
      ${numberView("beta", question, actions)} ${numberView("eta", question, actions)} ${numberView("topP", question, actions)}
    </details>
    <p>${askView(state, actions)}</p>
    <p class="error" role="alert">${complaint(refusal, "ask", "stop")}</p>
    ${refusal?.cut ? html`<p><button type="button" @click=${actions.cut}>Cut it into pieces that fit</button></p>` : nothing}
  </form>`;
}

function modelView({ model, training, loading, refusal }: FormState, { take }: FormActions): TemplateResult {
  const choose = (event: Event) => take(Array.from((event.target as HTMLInputElement).files ?? [])); // a file input
  return html`<div class="drop">
    <p>${model ? html`Model: <b>${model.title}</b>, ${model.context} tokens at once` : "No model yet: train one in the Train tab, or drop one here."}</p>
    ${model?.followed && training ? html`<p class="note">The run goes on: Ask takes it as it stands then.</p>` : nothing}
    ${model?.oneByOne ? html`<p class="note">${model.oneByOne}</p>` : nothing}
    ${loading === undefined ? nothing : html`<progress max="1" value=${loading} aria-label="Weights read"></progress>`}
    <label class="field">a run's files, or a folder of Hugging Face's (config.json, model.safetensors, tokenizer.json)
      <input type="file" multiple @change=${choose}></label>
    <p class="error" role="alert">${complaint(refusal, "open", "follow")}</p>
  </div>`;
}

function contextView(contexts: readonly string[], index: number, { change, write }: FormActions) {
  const without = contexts.filter((_, other) => other !== index);
  const set = (event: Event) =>
    write({ contexts: contexts.map((old, at) => (at === index ? wordOf(event) : old)) });
  return html`<label class="field">context ${index + 1}<textarea name="context" rows="2" .value=${contexts[index]!} @input=${set}></textarea></label>
    ${contexts.length > 1 ? html`<button type="button" class="small" @click=${() => change({ contexts: without })}>Remove context ${index + 1}</button>` : nothing}`;
}

function lackView({ question, lack }: FormState): TemplateResult | typeof nothing {
  if (!lack) return nothing;
  const { count, damaged } = lack;
  const empty = damaged
    ? "The contexts in this link are damaged, or were cut off: write or paste them here."
    : `This link comes without its ${plural(count, "context")}, which are too long for it: paste them here to ask the same.`;
  const written = question.contexts.some((text) => text !== "");
  return html`<p class="note" role="status">${written ? "These are not the contexts that the link was made for." : empty}</p>`;
}

function numberView(name: NumberName, question: Question, { write }: FormActions): TemplateResult {
  const set = (event: Event) => write({ [name]: wordOf(event) });
  return html`<label class="field">${numbers[name].label}<input name=${name} inputmode="decimal" autocomplete="off" .value=${question[name]} @input=${set}></label>`;
}

/** One button, so that whoever pressed it keeps the focus. While it stops, Enter in a field does nothing. */
function askView({ answering, model }: FormState, { stop }: FormActions): TemplateResult {
  return html`<button class=${answering ? "ask" : "ask main"} type=${answering ? "button" : "submit"} ?disabled=${!model} @click=${answering ? stop : nothing}>${answering ? "Stop" : "Ask"}</button>`;
}

/** Said beside what was used. */
function complaint(refusal: Refusal | undefined, ...kinds: readonly Command["kind"][]): string {
  return refusal && kinds.includes(refusal.of) ? refusal.message : "";
}

/** Inputs, selects and text areas all have one. */
function wordOf(event: Event): string {
  return (event.target as HTMLInputElement).value;
}
