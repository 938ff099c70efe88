// What an experiment may be given besides its settings: a text instead of the generated one, and a prompt to show the heads on.
import { html, nothing, type TemplateResult } from "lit-html";
import { count } from "../../report/format";
import { messageOf } from "../../terminal/usage";
import { readFiles, textOf } from "../files";
import type { Given, ListedExperiment } from "./protocol";

export interface GivenActions {
  /** Called with what is given from now on; the rest stays. */
  give(part: Given): void;
  /** Called with why a file is not taken. */
  refuse(reason: string): void;
}

export function givenView(
  { reads }: ListedExperiment,
  given: Given,
  { give, refuse }: GivenActions,
): TemplateResult | typeof nothing {
  if (!reads.text && !reads.prompt) return nothing;
  const choose = async (event: Event) => {
    const input = event.target as HTMLInputElement;
    try {
      const [file] = await readFiles(input.files ?? []);
      if (file) give({ text: { name: file.name, content: textOf(file) } });
    } catch (error) {
      input.value = ""; // it may be chosen again
      refuse(messageOf(error));
    }
  };
  const write = (event: Event) => give({ prompt: (event.target as HTMLInputElement).value || undefined });
  const { text, prompt = "" } = given;
  return html`<div class="bar">
    ${
      reads.text
        ? text
          ? html`<span>text <b>${text.name}</b>, ${count(text.content.length)} characters</span>
              <button type="button" class="small" @click=${() => give({ text: undefined })}>Use the experiment's</button>`
          : html`<label>a text of yours <input type="file" accept="text/*" @change=${choose}></label>`
        : nothing
    }
    ${reads.prompt ? html`<label>prompt <input name="prompt" autocomplete="off" placeholder="the experiment's" .value=${prompt} @change=${write}></label>` : nothing}
  </div>`;
}
