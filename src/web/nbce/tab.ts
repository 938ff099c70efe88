// The NBCE tab: contexts, a question, a model that was trained here or dropped, and who spoke.
import { html, nothing, render } from "lit-html";
import { type PoolName, pools } from "../../nbce/pooling";
import { placeHash, readPlace } from "../address";
import { type Engine, engine } from "../port";
import type { Tab } from "../tabs";
import { type Answer, answerView } from "./answer";
import { droppedFiles } from "./drop";
import type { Command, News, Question, Refusal } from "./protocol";
import { EXAMPLE, questionOf, questionWords } from "./question";

export const nbceTab: Tab = { open };

/** Without a key for so long, somebody has written what they wanted to. */
const REST_MS = 300;

function open(root: HTMLElement): ReturnType<Tab["open"]> {
  let question = EXAMPLE;
  let model: Extract<News, { kind: "model" }> | undefined;
  let dropped = false;
  let loading: number | undefined;
  let answer: Answer | undefined;
  /** What went wrong last, until something is done. */
  let refusal: Refusal | undefined;
  let resting: ReturnType<typeof setTimeout> | undefined;
  const worker = start();

  function start(): Engine<Command> {
    const made = new Worker(new URL("./engine.ts", import.meta.url), {
      type: "module",
      name: document.baseURI,
    });
    return engine<Command, News>(made, hear, (message) =>
      hear({ kind: "refused", of: answer?.done === false ? "ask" : "open", message }),
    );
  }

  function hear(news: News): void {
    switch (news.kind) {
      case "model":
        model = news;
        loading = undefined;
        break;
      case "nothing":
        break;
      case "loading":
        loading = news.part;
        break;
      case "answering":
        if (answer) answer = { ...answer, tokens: news.tokens, done: news.done };
        break;
      case "refused":
        refusal = news;
        loading = undefined;
        answer = answer && answer.tokens.length > 0 ? { ...answer, done: true } : undefined;
        break;
    }
    draw();
    if (news.kind === "refused")
      root.querySelector(".error:not(:empty)")?.scrollIntoView({ block: "nearest" });
  }

  function ask(event: Event): void {
    event.preventDefault();
    refusal = undefined;
    answer = { question, model: model?.title ?? "", tokens: [], done: false };
    worker.send({ kind: "ask", question });
    address();
    draw();
  }

  function change(part: Partial<Question>): void {
    question = { ...question, ...part };
    refusal = undefined;
    address();
    draw();
  }

  /** What is being written counts at once; the address follows when the keys rest, as browsers refuse it to change too often. */
  function write(part: Partial<Question>): void {
    question = { ...question, ...part };
    refusal = undefined;
    clearTimeout(resting);
    resting = setTimeout(address, REST_MS);
    draw();
  }

  /** A link to what the tab holds; none where another tab has the address by now. */
  function address(): void {
    if (readPlace(location.hash).tab !== "nbce") return;
    history.replaceState(null, "", placeHash({ tab: "nbce", words: questionWords(question) }));
  }

  function take(files: readonly File[]): void {
    refusal = undefined;
    if (files.length > 0) worker.send({ kind: "open", files });
    dropped ||= files.length > 0;
    draw();
  }

  function draw(): void {
    render(view(), root);
  }

  const view = () => html`
    <h1>More contexts than fit</h1>
    <p class="lead">Each context stands before the question by itself; what they say is put together token by token, and the least unsure speaks (naive Bayes context extension, Su 2023, kexue.fm/archives/9617).</p>
    <div class="columns" @dragover=${(event: DragEvent) => event.preventDefault()} @drop=${drop}>
      <form @submit=${ask}>
        ${modelView(model, loading, complaint("open", "kept"), take)}
        ${question.contexts.map((text, index) => contextView(text, index))}
        <p><button type="button" @click=${() => change({ contexts: [...question.contexts, ""] })}>One more context</button></p>
        <label class="field whole">question<input name="question" autocomplete="off" .value=${question.question} @input=${(event: Event) => write({ question: wordOf(event) })}></label>
        <details><summary>How they are put together</summary><div class="fields">
          <label class="field whole">template<textarea name="template" rows="2" .value=${question.template} @input=${(event: Event) => write({ template: wordOf(event) })}></textarea></label>
          <label>pool<select name="pool" @change=${(event: Event) => change({ pool: wordOf(event) as PoolName })}>${Object.keys(pools).map((name) => html`<option ?selected=${name === question.pool}>${name}</option>`)}</select></label>
          ${numberView("beta")} ${numberView("eta")} ${numberView("maxTokens")}
        </div></details>
        <p>${askView(answer?.done === false)}</p>
        <p class="error" role="alert">${complaint("ask", "stop")}</p>
      </form>
      <section aria-label="Answer">
        ${
          answer
            ? answerView(answer, { question, model: model?.title ?? "" })
            : html`<p class="note">The example is for a model that has learnt to copy: in the Train tab, data repeated-text, one layer, smear yes.</p>`
        }
      </section>
    </div>
  `;

  /** Said beside what was used. */
  function complaint(...kinds: readonly Command["kind"][]): string {
    return refusal && kinds.includes(refusal.of) ? refusal.message : "";
  }

  /** One button, so that whoever pressed it keeps the focus. While it stops, Enter in a field does nothing. */
  function askView(answering: boolean) {
    const stop = () => worker.send({ kind: "stop" });
    return html`<button class=${answering ? "" : "main"} type=${answering ? "button" : "submit"} ?disabled=${!model} @click=${answering ? stop : nothing}>${answering ? "Stop" : "Ask"}</button>`;
  }

  function contextView(text: string, index: number) {
    const without = question.contexts.filter((_, other) => other !== index);
    const set = (event: Event) =>
      write({ contexts: question.contexts.map((old, at) => (at === index ? wordOf(event) : old)) });
    return html`<label class="field">context ${index + 1}<textarea name="context" rows="2" .value=${text} @input=${set}></textarea></label>
      ${question.contexts.length > 1 ? html`<button type="button" class="small" @click=${() => change({ contexts: without })}>Remove context ${index + 1}</button>` : nothing}`;
  }

  function numberView(name: "beta" | "eta" | "maxTokens") {
    const set = (event: Event) => change({ [name]: Number(wordOf(event)) });
    return html`<label>${name}<input name=${name} inputmode="decimal" .value=${String(question[name])} @change=${set}></label>`;
  }

  function drop(event: DragEvent): void {
    event.preventDefault();
    if (event.dataTransfer) void droppedFiles(event.dataTransfer).then(take);
  }

  return {
    show(words) {
      if (Object.keys(words).length > 0) question = { ...question, ...questionOf(words) };
      if (question !== EXAMPLE) address();
      if (!dropped && answer?.done !== false) worker.send({ kind: "kept" }); // one may have been trained since
      draw();
    },
  };
}

function modelView(
  model: Extract<News, { kind: "model" }> | undefined,
  loading: number | undefined,
  complaint: string,
  take: (files: readonly File[]) => void,
) {
  const choose = (event: Event) => take(Array.from((event.target as HTMLInputElement).files ?? [])); // a file input
  return html`<div class="drop">
    <p>${model ? html`Model: <b>${model.title}</b>, ${model.context} tokens at once` : "No model yet: train one in the Train tab, or drop one here."}</p>
    ${loading === undefined ? nothing : html`<progress max="1" value=${loading} aria-label="Weights read"></progress>`}
    <label class="field">a run's files, or a folder of Hugging Face's (config.json, model.safetensors, tokenizer.json)
      <input type="file" multiple @change=${choose}></label>
    <p class="error" role="alert">${complaint}</p>
  </div>`;
}

/** Inputs, selects and text areas all have one. */
function wordOf(event: Event): string {
  return (event.target as HTMLInputElement).value;
}
