// Who spoke: the answer token by token with the letter of its context, and below how sure each context was of each token.
import { html, type TemplateResult } from "lit-html";
import { speakerLetters } from "../../cli/nbce-strip";
import { tokenLabel } from "../../report/packing";
import type { SpokenToken } from "./protocol";

/** Nats at which a context counts as knowing nothing: that of some twenty tokens alike. */
const UNSURE_NATS = 3;

export function stripView(tokens: readonly SpokenToken[], contexts: number): TemplateResult {
  const letters = Array.from(speakerLetters(contexts));
  const spoken = (context: number) => tokens.filter(({ chosen }) => chosen === context).length;
  const mean = (context: number) =>
    tokens.reduce((sum, { entropies }) => sum + (entropies[context] ?? 0), 0) / Math.max(1, tokens.length);
  return html`
    <div class="scroll" role="region" aria-label="Who spoke, token by token" tabindex="0"><table class="strip">
      <thead>
        <tr><th scope="row">answer</th>${tokens.map(({ text }) => html`<td class="token">${tokenLabel(text)}</td>`)}</tr>
        <tr><th scope="row">who spoke</th>${tokens.map(({ chosen }) => html`<td class="speaker">${chosen === undefined ? "·" : letters[chosen]}</td>`)}</tr>
      </thead>
      <tbody>${letters.map(
        (letter, context) =>
          html`<tr><th scope="row">${letter} context ${context + 1}</th>${tokens.map(
            ({ entropies, chosen }) => cellView(entropies[context] ?? 0, chosen === context),
          )}</tr>`,
      )}</tbody>
    </table></div>
    <p class="legend"><span>sure, 0 nats <span class="ramp sureness"></span> ${UNSURE_NATS} nats or more</span></p>
    <ul class="speakers">${letters.map(
      (letter, context) =>
        html`<li><b>${letter}</b> context ${context + 1}: ${spoken(context)} of ${tokens.length} tokens, mean entropy ${mean(context).toFixed(3)} nats</li>`,
    )}</ul>
  `;
}

function cellView(entropy: number, spoke: boolean): TemplateResult {
  const sureness = Math.max(0, 1 - entropy / UNSURE_NATS);
  return html`<td class=${spoke ? "cell spoke" : "cell"} title=${`${entropy.toFixed(3)} nats`} style=${`--sureness:${(100 * sureness).toFixed(0)}%`}>
    <span class="hidden">${entropy.toFixed(2)}</span></td>`;
}
