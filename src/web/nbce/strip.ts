// Who spoke: the answer token by token with the context that spoke, and below how sure each context was of each token.
import { html, nothing, type TemplateResult } from "lit-html";
import { speakerLetters } from "../../cli/nbce-strip";
import { pools } from "../../nbce/pooling";
import { tokenLabel } from "../../report/packing";
import type { Answer } from "./answer";
import type { Question, SpokenToken } from "./protocol";

/** Nats at which a context counts as knowing nothing: that of some twenty tokens alike. */
const UNSURE_NATS = 3;
/** Of more contexts only those that spoke have a row, and the surest, so that there are so many. */
const ROWS = 12;
/** Of a context's text, in characters. */
const EXCERPT = 80;
const LETTERS = 52;

interface Row {
  readonly context: number;
  readonly name: string;
  readonly text: string;
  /** A letter; a number where there are too many contexts for letters. */
  readonly mark: string;
  readonly spoken: number;
  readonly meanEntropy: number;
}

export function stripView({ question, tokens, contexts }: Answer): TemplateResult {
  const { pool } = question;
  const letters = speakerLetters(contexts.length);
  const rows = contexts.map(
    ({ name, text }, context): Row => ({
      ...{ context, name, text },
      mark: contexts.length > LETTERS ? String(context + 1) : letters[context]!, // as many
      spoken: tokens.filter(({ chosen }) => chosen === context).length,
      meanEntropy: tokens.reduce((sum, { entropies }) => sum + entropies[context]!, 0) / tokens.length,
    }),
  );
  const shown = shownRows(rows);
  return html`<figure>
    <h2 class="first">Who spoke</h2>
    <div class="scroll" role="region" aria-label="Who spoke, token by token" tabindex="0"><table class="strip">
      <thead>
        <tr><th scope="row">answer</th>${tokens.map(({ text }) => html`<td class="token">${tokenLabel(text)}</td>`)}</tr>
        <tr><th scope="row">who spoke</th>${tokens.map(({ chosen }) => html`<td class="speaker">${chosen === undefined ? "·" : rows[chosen]!.mark}</td>`)}</tr>
      </thead>
      <tbody>${shown.map(
        ({ context, mark, name }) =>
          html`<tr><th scope="row">${mark} ${name}</th>${tokens.map((token) => cellView(token, context))}</tr>`,
      )}</tbody>
    </table></div>
    <p class="legend"><span>sure, 0 nats <span class="ramp sureness"></span> ${UNSURE_NATS} nats or more</span>${pool === "min-entropy" ? html`<span><span class="swatch spoke"></span> spoke</span>` : nothing}</p>
    <figcaption>A column is a token of the answer, a row a context. The more colour a cell has, the surer is the model of this token after that context alone: the entropy of its prediction, in nats, is 0 where only one token can follow. ${speakerCaption(question)} (Su 2023, kexue.fm/archives/9617).</figcaption>
    <ul class="speakers">${shown.map(
      ({ mark, name, spoken, meanEntropy, text }) =>
        html`<li><b>${mark}</b> ${name}: ${spoken} of ${tokens.length} tokens, mean entropy ${meanEntropy.toFixed(3)} nats<br><span class="note">${excerpt(text)}</span></li>`,
    )}</ul>
    ${shown.length < rows.length ? html`<p class="note">The other ${rows.length - shown.length} contexts did not speak and were no surer.</p>` : nothing}
  </figure>`;
}

function speakerCaption({ pool, eta }: Question): string {
  return pool === "min-entropy"
    ? `The surest context speaks, the framed one; another takes over where it is surer by more than ${eta} nats`
    : `No context speaks alone, as the pool ${pool} takes ${pools[pool].what}`;
}

function shownRows(rows: readonly Row[]): Row[] {
  const first = rows.toSorted(
    (a, b) => Number(b.spoken > 0) - Number(a.spoken > 0) || a.meanEntropy - b.meanEntropy,
  );
  const spoken = rows.filter((row) => row.spoken > 0).length;
  return first.slice(0, Math.max(ROWS, spoken)).sort((a, b) => a.context - b.context);
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
