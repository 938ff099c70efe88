// The part of the form where a text comes in, and what it says of the text that a link was made for.
import { html, nothing, type TemplateResult } from "lit-html";
import { tokenizerInUse, wantedTokenizer } from "./materials";
import type { GivenText, TextWords } from "./protocol";
import { complaint, type TrainState } from "./state";

export interface TextActions {
  text(content: string): void;
  forgetText(): void;
  forgetTokenizer(): void;
  files(files: FileList): void;
}

/** The text of a link, as long as it is not the one that is here. */
export interface WantedText {
  /** What the address says of it; all of it, while that is being read. */
  readonly words: TextWords;
  readonly damaged?: boolean;
}

/** Whether training must wait for a text. */
export function lacksText({ text, wanted }: TrainState): boolean {
  return wanted !== undefined && text === undefined;
}

export function textView(state: TrainState, actions: TextActions): TemplateResult {
  const { text, wanted } = state;
  const paste = (event: Event) => actions.text((event.target as HTMLTextAreaElement).value);
  const take = (event: ClipboardEvent) => {
    event.preventDefault();
    actions.text(event.clipboardData?.getData("text") ?? "");
  };
  const choose = (event: Event) => {
    const input = event.target as HTMLInputElement;
    if (input.files?.length) actions.files(input.files);
    input.value = "";
  };
  const generated = html`<button type="button" @click=${actions.forgetText}>Use generated data</button>`;
  return html`
    <div class="drop">
      ${wanted && wanted.words.deflated === undefined ? wantedView(wanted, text) : nothing}
      ${text ? givenView(text) : nothing}
      ${text || wanted ? html`<p>${generated}</p>` : nothing}
      ${tokenizerView(state, actions)}
      ${text ? nothing : html`<label class="field">${wanted ? "The text, pasted" : "Or a text of yours, pasted"}<textarea name="text" rows="2" @paste=${take} @change=${paste}></textarea></label>`}
      <label class="field">or dropped here: a text, a tokenizer.json, or the files of a run (its zip, or heed.json with checkpoint.safetensors)
        <input type="file" multiple @change=${choose}></label>
      <p class="error" role="alert">${complaint(state, "open", "name", "unpack", "tokenizer")}</p>
    </div>
  `;
}

function wantedView({ words, damaged }: WantedText, text: GivenText | undefined): TemplateResult {
  const reason = damaged
    ? "The text in this link is damaged, or was cut off"
    : "This link comes without its text";
  return html`<p role="status">${text ? "This is another text than the link's" : reason}: <b>${words.text}</b>, digest ${words.digest}.
    ${text ? nothing : "Paste or drop it here to get the same run."}</p>`;
}

function tokenizerView(state: TrainState, actions: TextActions): TemplateResult | typeof nothing {
  const [inUse, wanted] = [tokenizerInUse(state), wantedTokenizer(state)];
  if (!inUse && !wanted) return nothing;
  const reason = inUse
    ? "This is another tokenizer than the link's"
    : "This link comes without its tokenizer";
  return html`
    ${wanted ? html`<p role="status">${reason}: <b>${wanted.name}</b>, digest ${wanted.digest}.</p>` : nothing}
    ${inUse ? html`<p>Tokenizer: <b>${inUse.name}</b>, digest ${inUse.digest}; no link holds it</p>` : nothing}
    <p><button type="button" @click=${actions.forgetTokenizer}>Use characters as tokens</button></p>`;
}

function givenView({ name, content, words }: GivenText): TemplateResult {
  const remark =
    words &&
    `, digest ${words.digest}; ${words.deflated ? "short enough for a link" : "too long for a link"}`;
  return html`<p>Text: <b>${name}</b>, ${content.length.toLocaleString("en")} characters${remark}</p>`;
}
