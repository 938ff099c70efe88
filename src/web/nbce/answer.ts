// An answer as the tab shows it: drawn from what was asked, whatever stands in the form by now.
import { html, nothing, type TemplateResult } from "lit-html";
import type { Context } from "../../cli/nbce-prompts";
import { plural } from "../../report/format";
import type { Question, SpokenToken } from "./protocol";
import { sameQuestion } from "./question";
import { stripView } from "./strip";

export interface Answer {
  /** As it was asked. */
  readonly question: Question;
  /** The title of the model that answers, and the contexts as it reads them. */
  readonly model: string;
  readonly contexts: readonly Context[];
  readonly tokens: readonly SpokenToken[];
  readonly done: boolean;
}

/** @param now what would be asked, and which model would answer */
export function answerView(answer: Answer, now: Pick<Answer, "question" | "model">): TemplateResult {
  const { question, model, contexts, tokens } = answer;
  const changed = changedSince(answer, now);
  return html`
    <p class="note">${model} answers “${question.question}” from ${plural(contexts.length, "context")}${changed && html`. <b>${changed}</b>`}</p>
    <pre class="sample" aria-live="polite"><span class="prompt">${question.question}</span>${tokens.map(({ text }) => text).join("")}</pre>
    ${tokens.length > 0 ? stripView(answer) : nothing}
  `;
}

/** In a sentence; nothing where all is as it was. */
function changedSince(then: Answer, now: Pick<Answer, "question" | "model">): string {
  const form = !sameQuestion(then.question, now.question);
  const model = then.model !== now.model;
  if (form && model) return "The form and the model have changed since.";
  return form ? "The form has changed since." : model ? "The model has changed since." : "";
}
