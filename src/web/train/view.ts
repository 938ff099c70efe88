// The run as the train tab shows it: controls, numbers, and a figure each with what it means and where that comes from.
import { html, nothing, type TemplateResult } from "lit-html";
import { count, nats } from "../../report/format";
import type { RunFacts, RunState, SampleRequest } from "./protocol";
import { complaint, type ShownRun, type TrainState } from "./state";

export interface RunActions {
  run(): void;
  pause(): void;
  step(): void;
  rate(word: string): void;
  seek(step: number): void;
  save(): void;
  sample(request: SampleRequest): void;
  hush(): void;
  /** Shows the head of this name. */
  head(name: string): void;
}

/** Elements that draw by themselves. */
export interface Islands {
  readonly loss: HTMLElement;
  readonly entropy: HTMLElement;
  readonly induction: HTMLElement;
  readonly heads: HTMLElement;
}

export function runView(
  run: ShownRun,
  state: TrainState,
  islands: Islands,
  actions: RunActions,
): TemplateResult {
  const { facts } = run;
  const blind = run.looks.at(-1)?.heads.length === 0;
  return html`
    <h2 class="first">${facts.title}</h2>
    <p class="note">${count(facts.parameters)} parameters, ${count(facts.vocabulary)} tokens in the vocabulary; ${facts.reason}.</p>
    ${controls(run, state, actions)}
    <p class="error" role="alert">${complaint(state, "run", "pause", "step", "rate", "seek", "save", "keep")}</p>
    ${numbers(run, actions)}
    <div class="charts">
      ${figure(
        "Loss",
        islands.loss,
        `Mean cross-entropy of each batch, and on held-out text. A floor is the entropy of the held-out text: no model of single tokens (unigram) or of pairs (bigram) does better on average (Shannon 1948).${facts.words.data === "repeated-text" ? " Held-out lines are read from their beginning; batches begin anywhere, and have less to copy: so their loss stands above." : ""}`,
      )}
      ${
        blind
          ? nothing
          : html`${figure(
              "Induction",
              islands.induction,
              "Prefix matching: on random tokens repeated four times, how much a head attends from each token to those that followed it before. Near 1 it is an induction head (Olsson et al. 2022, arXiv:2209.11895).",
            )}
      ${figure(
        "Attention entropy",
        islands.entropy,
        "Mean over the destinations (queries) of the same sequence: 0 nats is all attention on one token, ln n the same on each of n; where it collapses, training may diverge (Zhai et al. 2023, arXiv:2303.06296).",
      )}`
      }
    </div>
    <figure>
      <h3>Heads</h3>
      ${islands.heads}
      <figcaption>
        ${
          blind
            ? facts.words.layers === "0"
              ? "No layers, so no attention: the model is a table of pairs."
              : "This kind of attention has no weights to look at."
            : "Where each token of a held-out text looks: a row is a destination (query), a column a source (key) (Vaswani et al. 2017, arXiv:1706.03762)."
        }
      </figcaption>
    </figure>
    ${sampleView(run, state, actions)}
    <h3>The same on the command line</h3>
    <pre><code>${facts.command}</code></pre>
    <p class="note">${linkNote(facts)} On the portable build every loss is the same to the bit.</p>
  `;
}

/** What the address gives to whoever opens it, and what not. */
function linkNote({ text, tokenizer }: RunFacts): string {
  const held = text?.words?.deflated === undefined ? [] : ["the text"];
  const missing = [
    ...(text && held.length === 0 ? ["the text"] : []),
    ...(tokenizer ? ["the tokenizer"] : []),
  ];
  const all = ["The address of this page is a link to this run", ...held].join(" and ");
  return missing.length === 0
    ? `${all}.`
    : `${all}, but for ${missing.join(" and ")}: whoever opens it needs ${missing.length > 1 ? "them" : "it"}, and "Save run" takes ${missing.length > 1 ? "them" : "it"} along.`;
}

function controls(
  { facts, state }: ShownRun,
  { sought, pausing }: Pick<TrainState, "sought" | "pausing">,
  actions: RunActions,
): TemplateResult {
  const { running, checkpoints, rate } = state;
  const step = sought ?? state.step;
  const done = step >= facts.steps;
  const at = checkpoints.findLastIndex((checkpoint) => checkpoint <= step);
  const later = checkpoints.filter((checkpoint) => checkpoint > step).length;
  const onRate = (event: Event) => {
    const input = event.target as HTMLInputElement;
    actions.rate(input.value);
    input.value = String(rate); // until the run has another
  };
  const onSeek = (event: Event) => {
    const chosen = checkpoints[Number((event.target as HTMLInputElement).value)];
    if (chosen !== undefined) actions.seek(chosen);
  };
  return html`
    <div class="bar">
      <button class="main" ?disabled=${done && !running} @click=${running ? actions.pause : actions.run}>${pausing ? "Pausing…" : running ? "Pause" : "Go on"}</button>
      <button ?disabled=${running || done} @click=${actions.step}>Step</button>
      <label>learning rate <input class="number rate" inputmode="decimal" ?disabled=${done} .value=${String(rate)} @change=${onRate}></label>
      <button @click=${actions.save}>Save run</button>
    </div>
    ${state.keeping && html`<p class="note" role="status">${state.keeping}</p>`}
    <p><progress max=${facts.steps} value=${step} aria-label="Steps taken"></progress></p>
    <label class="field">back to the checkpoint of step <output>${checkpoints[at] ?? 0}</output>
      <input type="range" class="seek" min="0" max=${Math.max(checkpoints.length - 1, 1)} ?disabled=${checkpoints.length < 2} .value=${String(Math.max(at, 0))} @input=${onSeek}></label>
    <p class="note remark">${remark({ later, running, done, back: checkpoints.length > 1 })}${nextRateView(state, actions)}</p>
  `;
}

/** A change that was made beyond the place that was gone back to, or that the settings have. */
function nextRateView({ rate, nextRate }: RunState, actions: RunActions) {
  if (!nextRate) return nothing;
  return html` The learning rate becomes ${nextRate.rate} at step ${nextRate.step}. <button class="small" @click=${() => actions.rate(String(rate))}>Leave it at ${rate}</button>`;
}

interface Place {
  /** Checkpoints behind this one, and whether there is any to go back to. */
  readonly later: number;
  readonly back: boolean;
  readonly running: boolean;
  readonly done: boolean;
}

function remark({ later, back, running, done }: Place): string {
  if (running) return back ? "Drag it to see the model as it was." : "";
  if (later > 0) return `Going on from here forgets the steps after it, ${later} of them with a checkpoint.`;
  return done ? "Done: all steps are taken. More of them, or another seed, are another run." : "Paused.";
}

function numbers({ facts, state, losses, looks }: ShownRun, actions: RunActions): TemplateResult {
  const loss = losses.at(state.step);
  const look = looks.findLast(({ step }) => step <= state.step);
  const judged = looks.findLast(({ step, heldOut }) => step <= state.step && heldOut !== undefined);
  const best = look?.heads.toSorted((a, b) => b.induction - a.induction)[0];
  const tile = (name: string, value: string, remark: string | TemplateResult = "") =>
    html`<div><dt>${name}</dt><dd>${value}${remark && html`<small>${remark}</small>`}</dd></div>`;
  return html`<dl class="tiles">
    ${tile("Step", count(state.step), `of ${count(facts.steps)}`)}
    ${tile("Loss", loss === undefined ? "–" : nats(loss), "nats per token, this batch")}
    ${tile("Held-out", judged?.heldOut === undefined ? "–" : nats(judged.heldOut), `nats per token${judged ? `, at step ${count(judged.step)}` : ""}`)}
    ${tile("Induction", best ? best.induction.toFixed(2) : "–", best ? html`best head, <button class="link" @click=${() => actions.head(best.name)}>${best.name}</button>` : "")}
    ${tile("Memory", `${(state.liveBytes / 1e6).toFixed(1)} MB`, `of ${(state.memoryBytes / 1e6).toFixed(0)} MB taken`)}
    ${tile("Speed", state.tokensPerSecond ? count(state.tokensPerSecond) : "–", "tokens per second")}
  </dl>`;
}

function sampleView({ facts }: ShownRun, state: TrainState, actions: RunActions): TemplateResult {
  const { sample } = state;
  const onSubmit = (event: SubmitEvent) => {
    event.preventDefault();
    if (sample.done)
      actions.sample(requestOf(new FormData(event.target as HTMLFormElement), facts.words.seed));
    else actions.hush();
  };
  return html`
    <h3>Sample</h3>
    <form class="bar" @submit=${onSubmit}>
      <label>prompt <input name="prompt" autocomplete="off" value=${facts.prompt}></label>
      <label>temperature <input class="number" name="temperature" inputmode="decimal" value="0.8"></label>
      <label>tokens <input class="number" name="tokens" inputmode="numeric" value="200"></label>
      <button>${sample.done ? "Sample" : "Stop"}</button>
    </form>
    <p class="error" role="alert">${complaint(state, "sample")}</p>
    <pre class="sample" aria-live="polite"><span class="prompt">${sample.prompt}</span>${sample.text}</pre>
  `;
}

function requestOf(form: FormData, seed = "1"): SampleRequest {
  return {
    prompt: String(form.get("prompt")),
    temperature: String(form.get("temperature")),
    tokens: String(form.get("tokens")),
    seed: Number(seed),
  };
}

function figure(title: string, island: HTMLElement, caption: string): TemplateResult {
  return html`<figure><h3>${title}</h3>${island}<figcaption>${caption}</figcaption></figure>`;
}
