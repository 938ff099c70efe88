// What the experiments tab shows of an experiment, of a run and of a report.
import { html, type TemplateResult } from "lit-html";
import type { Size } from "../../experiments/experiment";
import { duration, plural } from "../../report/format";
import { placeHash } from "../address";
import { type Choice as AnyChoice, label } from "../choice";
import { doneWords, type Progress, paceWords, stoppedWords } from "./progress";
import type { Given, ListedExperiment } from "./protocol";

/** What a run and its report are of. */
export type Choice = AnyChoice<Size>;

/** "heads-on-text, smoke size, prompt "to be"": what was given belongs to the name. */
export function fullLabel(choice: Choice, { text, prompt }: Given): string {
  const own = [
    ...(text ? [`text ${text.name}`] : []),
    ...(prompt === undefined ? [] : [`prompt “${prompt}”`]),
  ];
  return [label(choice), ...own].join(", ");
}

export function aboutView({ question, paper, sizes }: ListedExperiment, size: Size): TemplateResult {
  const { trials, seconds, workers } = sizes[size];
  return html`
    <h2 class="first">${question}</h2>
    <p class="note">${paper}</p>
    <p class="note">${plural(trials, "trial")}${trials > 1 ? `, ${workers} at a time here` : ""}; one core of the reference machine takes at most ${duration(seconds)} for all.</p>
  `;
}

/** @param seconds since it began */
export function progressView(
  run: Choice & { readonly progress?: Progress | undefined },
  seconds: number,
): TemplateResult {
  const { progress } = run;
  return html`<p><progress max=${progress?.total ?? 1} value=${progress?.work ?? 0} aria-label="Trials"></progress>
    ${label(run)}: ${
      progress
        ? html`<span role="status">${doneWords(progress)}</span>, ${paceWords(progress, seconds)}`
        : "planning the trials"
    }</p>`;
}

export function stoppedView(run: Choice & Progress): TemplateResult {
  return html`<p role="status">${label(run)}, stopped: ${stoppedWords(run)}</p>`;
}

/** Where the report of another choice is. */
export function elsewhereView(choice: Choice): TemplateResult {
  const href = placeHash({ tab: "experiments", words: { ...choice } });
  return html`<p class="note">Still here: the report of <a href=${href}>${label(choice)}</a>.</p>`;
}
