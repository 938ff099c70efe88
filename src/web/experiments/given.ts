// What an experiment may be given besides its settings: a text instead of the generated one, and a prompt to show the heads on.
import { html, nothing, type TemplateResult } from "lit-html";
import { count } from "../../report/format";
import { readFiles } from "../files";
import type { Given, ListedExperiment } from "./protocol";

/** @param give called with everything that is given from now on */
export function givenView(
  { reads }: ListedExperiment,
  given: Given,
  give: (next: Given) => void,
): TemplateResult | typeof nothing {
  if (!reads.text && !reads.prompt) return nothing;
  const choose = async (event: Event) => {
    const [file] = await readFiles((event.target as HTMLInputElement).files ?? []);
    if (file) give({ ...given, text: { name: file.name, content: new TextDecoder().decode(file.bytes) } });
  };
  const write = (event: Event) =>
    give({ ...given, prompt: (event.target as HTMLInputElement).value || undefined });
  const { text, prompt = "" } = given;
  return html`<div class="bar">
    ${
      reads.text
        ? text
          ? html`<span>text <b>${text.name}</b>, ${count(text.content.length)} characters</span>
              <button type="button" class="small" @click=${() => give({ ...given, text: undefined })}>Use the experiment's</button>`
          : html`<label>a text of yours <input type="file" accept="text/*" @change=${choose}></label>`
        : nothing
    }
    ${reads.prompt ? html`<label>prompt <input name="prompt" autocomplete="off" placeholder="the experiment's" .value=${prompt} @change=${write}></label>` : nothing}
  </div>`;
}
