// Who spoke: the answer token by token with the context that spoke, and below how sure each context was of each token. A long answer goes
// on in another table, as lines do: those that are full are not drawn again while it grows.
import { html, nothing, type TemplateResult } from "lit-html";
import { guard } from "lit-html/directives/guard.js";
import { speakerLetters } from "../../cli/nbce-strip";
import { tokenLabel } from "../../report/packing";
import type { Answer } from "./answer";
import type { Question, SpokenToken } from "./protocol";
import { poolWords } from "./question";

/** Nats at which a context counts as knowing nothing: that of some twenty tokens alike. */
const UNSURE_NATS = 3;
/** Of more contexts those have a row that spoke most, then those that were surest. */
const ROWS = 12;
/** Tokens of one table. */
const COLUMNS = 36;
/** Of a context's text, in characters. */
const EXCERPT = 80;
const LETTERS = 52;

type Contexts = Answer["contexts"];

interface Row {
  readonly context: number;
  readonly spoken: number;
  readonly meanEntropy: number;
}

export function stripView({ question, tokens, contexts }: Answer): TemplateResult {
  const tables = Array.from({ length: Math.ceil(tokens.length / COLUMNS) }, (_, i) => i * COLUMNS);
  const rows = rowsOf(tokens, contexts);
  const others = tokens.length - rows.reduce((sum, { spoken }) => sum + spoken, 0);
  const { pool } = question;
  return html`<figure>
    <h2 class="first">Who spoke</h2>
    ${tables.map((first) => {
      const columns = tokens.slice(first, first + COLUMNS);
      return guard([contexts, columns.length], () => tableView(first, columns, contexts));
    })}
    <p class="legend"><span>sure, 0 nats <span class="ramp sureness"></span> ${UNSURE_NATS} nats or more</span>${pool === "min-entropy" ? html`<span><span class="swatch spoke"></span> spoke</span>` : nothing}</p>
    <figcaption>A column is a token of the answer, a row a context. The more colour a cell has, the surer is the model of this token after that context, the question and the answer so far: the entropy of its prediction, in nats, is 0 where only one token can follow. ${speakerCaption(question)} (Su 2023, kexue.fm/archives/9617).</figcaption>
    <ul class="speakers">${rows.map(
      ({ context, spoken, meanEntropy }) =>
        html`<li><b>${mark(context, contexts)}</b> ${contexts[context]!.name}: ${spoken} of ${tokens.length} tokens, mean entropy ${meanEntropy.toFixed(3)} nats<br><span class="note">${excerpt(contexts[context]!.text)}</span></li>`,
    )}</ul>
    ${
      rows.length < contexts.length
        ? html`<p class="note">The other ${contexts.length - rows.length} contexts${pool === "min-entropy" ? `: ${others} of ${tokens.length} tokens` : " were less sure"}.</p>`
        : nothing
    }
  </figure>`;
}

function tableView(first: number, tokens: readonly SpokenToken[], contexts: Contexts): TemplateResult {
  return html`<div class="scroll" role="region" aria-label=${`Who spoke, from token ${first + 1}`} tabindex="0"><table class="strip">
    <thead>
      <tr><th scope="row">answer</th>${tokens.map(({ text }) => html`<td class="token">${tokenLabel(text)}</td>`)}</tr>
      <tr><th scope="row">who spoke</th>${tokens.map(({ chosen }) => html`<td class="speaker">${chosen === undefined ? "·" : mark(chosen, contexts)}</td>`)}</tr>
    </thead>
    <tbody>${rowsOf(tokens, contexts).map(
      ({ context }) =>
        html`<tr><th scope="row">${mark(context, contexts)} ${contexts[context]!.name}</th>${tokens.map((token) => cellView(token, context))}</tr>`,
    )}</tbody>
  </table></div>`;
}

/** In the order of the contexts. */
function rowsOf(tokens: readonly SpokenToken[], contexts: Contexts): Row[] {
  const all = contexts.map((_, context) => ({
    context,
    spoken: tokens.filter(({ chosen }) => chosen === context).length,
    meanEntropy: tokens.reduce((sum, { entropies }) => sum + entropies[context]!, 0) / tokens.length,
  }));
  const first = all.sort((a, b) => b.spoken - a.spoken || a.meanEntropy - b.meanEntropy).slice(0, ROWS);
  return first.sort((a, b) => a.context - b.context);
}

/** A letter; a number where there are more contexts than letters. */
function mark(context: number, { length }: Contexts): string {
  return length > LETTERS ? String(context + 1) : speakerLetters(length)[context]!; // one each
}

function speakerCaption({ pool, eta }: Question): string {
  return pool === "min-entropy"
    ? `The surest context speaks, the framed one; another takes over where it is surer by more than ${eta} nats`
    : `No context speaks alone, as the pool ${pool} takes ${poolWords(pool)}`;
}

function cellView({ entropies, chosen }: SpokenToken, context: number): TemplateResult {
  const entropy = entropies[context]!; // of every context
  const sureness = Math.max(0, 1 - entropy / UNSURE_NATS);
  return html`<td class=${chosen === context ? "cell spoke" : "cell"} title=${`${entropy.toFixed(3)} nats`} style=${`--sureness:${(100 * sureness).toFixed(0)}%`}>
    <span class="hidden">${entropy.toFixed(2)}</span></td>`;
}

function excerpt(text: string): string {
  return text.length > EXCERPT ? `${text.slice(0, EXCERPT)}…` : text;
}
