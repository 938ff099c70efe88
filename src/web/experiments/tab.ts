// The experiments tab: which one, at which size, how far it is, and its report.
import { html, nothing, render } from "lit-html";
import type { Size } from "../../experiments/experiment";
import { duration } from "../../report/format";
import type { Words } from "../address";
import { choiceView, choiceWords, chosenBy, type Menu, sameChoice } from "../choice";
import { download } from "../files";
import { type Engine, engine } from "../port";
import type { OpenTab, Page, Tab } from "../tabs";
import { startFigures } from "./figures";
import { givenView } from "./given";
import type { Progress } from "./progress";
import type { Command, Given, ListedExperiment, News } from "./protocol";
import { aboutView, type Choice, elsewhereView, fullLabel, progressView, stoppedView } from "./views";

export const experimentsTab: Tab = { open };

const MENU: Menu<Size> = { what: "experiment", word: "name", first: "bigram", sizes: ["smoke", "full"] };
const SECOND_MS = 1000;

interface Running extends Choice {
  readonly given: Given;
  readonly began: number;
  readonly progress?: Progress;
}

function open(root: HTMLElement, page: Page): OpenTab {
  let listed: readonly ListedExperiment[] | undefined;
  let choice: Choice = { name: MENU.first, size: "smoke" };
  let asked: Words = {};
  let given: Given = {};
  let running: Running | undefined;
  let stopped: (Choice & Progress) | undefined;
  let finished: (Choice & { readonly given: Given; readonly json: string }) | undefined;
  let error = "";
  /** What of an address there is not. */
  let notice = "";
  const report = document.createElement("div");
  report.className = "report";
  /** Ends the figures of the report. */
  let shown = new AbortController();

  let worker = start();
  worker.send({ kind: "list" });
  /** The time goes on where trials tell nothing. */
  let clock: ReturnType<typeof setInterval> | undefined;

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
        choose(asked); // the address may have come before the list
        break;
      case "progress":
        if (running) running = { ...running, progress: news.progress };
        break;
      case "finished":
        if (running) finished = { ...running, json: news.json };
        end();
        report.innerHTML = news.body;
        startFigures(report, shown.signal);
        break;
      case "refused":
        error = news.message;
        interrupt();
        break;
    }
    draw();
  }

  const names = () => listed?.map(({ name }) => name);

  function run(): void {
    error = "";
    notice = "";
    finished = undefined;
    stopped = undefined;
    report.replaceChildren();
    shown.abort();
    shown = new AbortController();
    const reads = listed?.find(({ name }) => name === choice.name)?.reads;
    const text = reads?.text ? given.text : undefined;
    const prompt = reads?.prompt ? given.prompt : undefined;
    running = { ...choice, given: { text, prompt }, began: performance.now() };
    clock = setInterval(draw, SECOND_MS);
    worker.send({ kind: "run", name: running.name, size: running.size, given: running.given });
    draw();
  }

  /** Trials that are finished are kept; the rest is lost with the worker. */
  function stop(): void {
    worker.close();
    worker = start();
    interrupt();
    draw();
  }

  function interrupt(): void {
    if (running?.progress) stopped = { ...running, ...running.progress };
    end();
  }

  function end(): void {
    running = undefined;
    notice = ""; // that it runs, where another was asked for meanwhile
    clearInterval(clock);
  }

  function choose(words: Words): void {
    asked = words;
    const chosen = chosenBy(words, MENU, { choice, running, names: names() });
    if (!sameChoice(choice, chosen.choice)) error = "";
    ({ choice, notice } = chosen);
    give({ prompt: words.prompt ?? given.prompt });
  }

  function give(part: Given): void {
    given = { ...given, ...part };
    const prompt = given.prompt !== undefined && { prompt: given.prompt };
    page.writeAddress({ ...choiceWords(choice, MENU), ...prompt });
    draw();
  }

  const givenActions = {
    give(part: Given) {
      error = "";
      give(part);
    },
    refuse(reason: string) {
      error = reason;
      draw();
    },
  };

  function draw(): void {
    page.work.tell(running && "running an experiment");
    report.hidden = !finished || !sameChoice(finished, choice);
    render(view(), root);
  }

  const view = () => {
    const { name, size } = choice;
    const chosen = listed?.find((experiment) => experiment.name === name);
    return html`
      <h1>Research that runs here</h1>
      <p class="lead">Every claim is checked by code: the trials run in workers of this page, on the portable build, and give what the command line gives.</p>
      <form class="bar" @submit=${submit}>
        ${choiceView(choice, MENU, { names: names(), off: running !== undefined, choose })}
        <button class=${running ? "" : "main"} ?disabled=${!chosen}>${running ? "Stop" : "Run"}</button>
      </form>
      <p class="notice" role="status">${notice}</p>
      <p class="error" role="alert">${error}</p>
      ${chosen && !running ? givenView(chosen, given, givenActions) : nothing}
      ${chosen ? aboutView(chosen, size) : html`<p class="note">Loading the registry…</p>`}
      ${running ? progressView(running, (performance.now() - running.began) / 1000) : nothing}
      ${stopped && sameChoice(stopped, choice) ? stoppedView(stopped) : nothing}
      ${finished ? finishedView(finished) : nothing}
      ${report}
    `;
  };

  const finishedView = (done: NonNullable<typeof finished>) =>
    sameChoice(done, choice)
      ? html`<h2>Report of ${fullLabel(done, done.given)}</h2>
          ${done.size === "smoke" ? smokeView() : nothing}
          <p><button @click=${() => download(`${done.name}-${done.size}.json`, done.json)}>Save result.json</button></p>`
      : elsewhereView(done);

  /** What a report at smoke size says, and the way to the other. */
  function smokeView() {
    const full = listed?.find(({ name }) => name === choice.name)?.sizes.full;
    const runFull = () => {
      choose({ size: "full" });
      run();
    };
    return html`<p class="warning">Smoke size: it shows that the experiment runs. Captions, and claims that were not judged, are about full size,
      which takes at most ${duration(full?.seconds ?? Number.NaN)} of one core. <button class="small" ?disabled=${running !== undefined} @click=${runFull}>Run at full size</button></p>`;
  }

  function submit(event: Event): void {
    event.preventDefault();
    if (running) stop();
    else run();
  }

  return {
    show(words) {
      if (words.name !== undefined) given = { ...given, prompt: words.prompt }; // what a link leaves out is the experiment's own
      choose(words);
    },
  };
}
