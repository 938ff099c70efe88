// What the train tab says of a run that this browser keeps, where the address asks for another.
import { html, nothing, type TemplateResult } from "lit-html";
import type { KeptRun } from "./protocol";

export function keptView(kept: KeptRun | undefined, takeUp: () => void): TemplateResult | typeof nothing {
  if (!kept) return nothing;
  return html`<p class="note">This browser keeps a run, ${kept.title}, at step ${kept.step}.
    <button type="button" class="small" @click=${takeUp}>Take it up</button> Beginning another forgets it.</p>`;
}
