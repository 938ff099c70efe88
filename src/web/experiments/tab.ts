// The experiments tab: which one, at which size, how far it is, and its report.
import { html, nothing, render } from "lit-html";
import type { Size } from "../../experiments/experiment";
import { duration, plural } from "../../report/format";
import { placeHash, type Words } from "../address";
import { download } from "../files";
import { type Engine, engine } from "../port";
import type { Tab } from "../tabs";
import { startFigures } from "./figures";
import { givenView } from "./given";
import type { Command, Given, ListedExperiment, News } from "./protocol";

export const experimentsTab: Tab = { open };

interface Running {
  readonly name: string;
  readonly size: Size;
  readonly progress?: Extract<News, { kind: "progress" }>;
}

function open(root: HTMLElement): ReturnType<Tab["open"]> {
  let listed: readonly ListedExperiment[] = [];
  let name = "bigram";
  let size: Size = "smoke";
  let given: Given = {};
  let running: Running | undefined;
  let finished: (Extract<News, { kind: "finished" }> & { readonly size: Size }) | undefined;
  let error = "";
  const report = document.createElement("div");
  report.className = "report";

  let worker = start();
  worker.send({ kind: "list" });

  function start(): Engine<Command> {
    const made = new Worker(new URL("./engine.ts", import.meta.url), {
      type: "module",
      name: document.baseURI,
    });
    return engine<Command, News>(made, hear, (message) => hear({ kind: "refused", message }));
  }

  function hear(news: News): void {
    switch (news.kind) {
      case "list":
        listed = news.experiments;
        break;
      case "progress":
        if (running) running = { ...running, progress: news };
        break;
      case "finished":
        finished = { ...news, size: running?.size ?? size };
        running = undefined;
        report.innerHTML = news.body;
        startFigures(report);
        break;
      case "refused":
        error = news.message;
        running = undefined;
        break;
    }
    draw();
  }

  function run(): void {
    error = "";
    finished = undefined;
    report.replaceChildren();
    running = { name, size };
    const reads = listed.find((experiment) => experiment.name === name)?.reads;
    const text = reads?.text ? given.text : undefined;
    const prompt = reads?.prompt ? given.prompt : undefined;
    worker.send({ kind: "run", name, size, given: { text, prompt } });
    draw();
  }

  /** Trials that are finished are kept; the rest is lost with the worker. */
  function stop(): void {
    worker.close();
    worker = start();
    running = undefined;
    draw();
  }

  function choose(words: Words): void {
    name = words.name ?? name;
    size = words.size === undefined ? size : words.size === "full" ? "full" : "smoke";
    give({ ...given, prompt: words.prompt ?? given.prompt });
  }

  function give(next: Given): void {
    given = next;
    const prompt = given.prompt !== undefined && { prompt: given.prompt };
    history.replaceState(null, "", placeHash({ tab: "experiments", words: { name, size, ...prompt } }));
    draw();
  }

  function draw(): void {
    render(view(), root);
  }

  const wordOf = (event: Event) => (event.target as HTMLSelectElement).value; // all of them are selects
  const view = () => {
    const chosen = listed.find((experiment) => experiment.name === name);
    return html`
      <h1>Research that runs here</h1>
      <p class="lead">Every claim is checked by code: the trials run in workers of this page, on the portable build, and give what the command line gives.</p>
      <form class="bar" @submit=${submit}>
        <label>experiment <select name="name" ?disabled=${running !== undefined} @change=${(event: Event) => choose({ name: wordOf(event) })}>
          ${listed.map((experiment) => html`<option ?selected=${experiment.name === name}>${experiment.name}</option>`)}
        </select></label>
        <label>size <select name="size" ?disabled=${running !== undefined} @change=${(event: Event) => choose({ size: wordOf(event) })}>
          ${["smoke", "full"].map((word) => html`<option ?selected=${word === size}>${word}</option>`)}
        </select></label>
        <button class=${running ? "" : "main"} ?disabled=${!chosen}>${running ? "Stop" : "Run"}</button>
      </form>
      <p class="error" role="alert">${error}</p>
      ${chosen && !running ? givenView(chosen, given, give) : nothing}
      ${chosen ? aboutView(chosen, size) : html`<p class="note">Loading the registry…</p>`}
      ${running ? progressView(running) : nothing}
      ${finished ? html`<p><button @click=${save}>Save result.json</button></p>` : nothing}
      ${report}
    `;
  };

  function submit(event: Event): void {
    event.preventDefault();
    if (running) stop();
    else run();
  }

  function save(): void {
    if (finished) download(`${finished.name}-${finished.size}.json`, finished.json);
  }

  return { show: choose };
}

function aboutView({ question, paper, sizes }: ListedExperiment, size: Size) {
  const { trials, seconds } = sizes[size];
  return html`
    <h2 class="first">${question}</h2>
    <p class="note">${paper}</p>
    <p class="note">${plural(trials, "trial")}; the reference machine takes at most ${duration(seconds)} of one core.</p>
  `;
}

function progressView({ progress }: Running) {
  return html`<p><progress max=${progress?.total ?? 1} value=${progress?.work ?? 0} aria-label="Trials"></progress>
    <span role="status">${progress ? `${progress.done} of ${plural(progress.total, "trial")} done` : "Planning the trials"}</span></p>`;
}
