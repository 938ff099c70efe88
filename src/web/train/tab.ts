// The train tab on the page's side: what was asked goes to the worker, what it tells is drawn.
import { html, render } from "lit-html";
import { messageOf } from "../../terminal/usage";
import { sameWords, type Words } from "../address";
import { droppedFiles } from "../drop";
import { download, readFiles } from "../files";
import type { OpenTab, Page, Tab } from "../tabs";
import { examplesView } from "./examples";
import { figures } from "./figures";
import { formView } from "./form";
import { keptView } from "./kept-view";
import { latest } from "./latest";
import { linkWords, readLink, unknownSettings } from "./link";
import { materials } from "./materials";
import type { Command, News, SampleRequest, Threads } from "./protocol";
import { runWorker } from "./run-worker";
import { type TrainState, told } from "./state";
import { runView } from "./view";

export const trainTab: Tab = { open };

function open(root: HTMLElement, page: Page): OpenTab {
  const state: TrainState = {
    groups: [],
    words: {},
    build: "portable",
    threads: "auto",
    refusal: "",
    linked: false,
    beginning: false,
    pausing: false,
    sample: { prompt: "", text: "", done: true },
  };
  const { islands, drawSoon, chooseHead } = figures(state);
  const seeking = latest<number>((step) => act({ kind: "seek", step }));
  const given = materials(state, (command) => act(command));
  let asked = false;
  const worker = runWorker({ hear, replaced: showRun, hasRun: () => state.run !== undefined });

  /** What a person asks for: then it is past what went wrong before. */
  function act(command: Command): void {
    state.error = undefined;
    worker.send(command);
    draw();
  }

  function tryInAnother(command: Command): void {
    state.error = undefined;
    worker.tryInAnother(command);
    state.beginning = true;
    draw();
  }

  /** Once it is drawn: on a phone the run is below the settings, and examples are below the run. */
  function showRun(): void {
    requestAnimationFrame(() => {
      const section = root.querySelector(".run")!; // of the view
      const { top } = section.getBoundingClientRect();
      if (top < 0 || top > innerHeight / 2) section.scrollIntoView();
    });
  }

  function hear(news: News): void {
    given.hear(news);
    const before = state.run;
    state.run = told(before, news);
    state.beginning = worker.trying;
    if (!state.run?.state.running) state.pausing = false;
    page.work.tell(state.run?.state.running ? "training" : undefined);
    switch (news.kind) {
      case "form":
        state.groups = news.groups;
        break;
      case "checked":
        if (!sameWords(news.asked, state.words)) break; // they were changed since, and are asked about again
        state.refusal = news.refusal ?? "";
        if (news.unknown.length > 0) state.error = { of: "check", message: unknownSettings(news.unknown) };
        if (news.refusal !== undefined) break;
        state.words = news.words;
        writeAddress();
        break;
      case "opened":
        state.build = news.facts.build;
        state.words = news.facts.words;
        state.kept = undefined;
        writeAddress();
        state.refusal = "";
        state.error = undefined;
        state.sample = { prompt: "", text: "", done: true };
        state.maps = undefined;
        state.sought = undefined;
        seeking.forget();
        break;
      case "changed":
        if (before && sameWords(state.words, before.facts.words)) state.words = news.facts.words;
        writeAddress();
        break;
      case "nothing":
        if (state.run) break;
        state.kept = news.kept;
        worker.release();
        break;
      case "text":
        writeAddress();
        break;
      case "tokenizer":
        formActions.change({ ...state.words, tokenizer: news.tokenizer.name });
        break;
      case "progress":
        if (news.state.step === state.sought) state.sought = undefined;
        seeking.answered();
        break;
      case "look":
        if (news.maps) state.maps = news.maps;
        break;
      case "sampled":
        state.sample = news;
        break;
      case "saved":
        download(news.name, news.bytes);
        break;
      case "refused":
        state.error = news;
        state.sought = undefined;
        seeking.answered();
        if (news.of === "restore" && !state.run) worker.release();
        if (news.of === "sample") state.sample = { ...state.sample, done: true };
        break;
    }
    draw();
  }

  /** A link to the run, or as long as there is none, to what would be begun. */
  function writeAddress(): void {
    const { words, build, text, tokenizer } = state.run?.facts ?? { ...state, ...given.named() };
    const { threads } = state;
    const link = linkWords({ words, build, threads, text: text?.words, tokenizer: tokenizer?.digest });
    page.writeAddress(link);
  }

  const formActions = {
    change(words: Words) {
      state.words = words;
      state.linked = false;
      act({ kind: "check", words, tokenizer: state.tokenizer?.name });
    },
    build(build: "portable" | "fast") {
      state.build = build;
      writeAddress();
      draw();
    },
    threads(threads: Threads) {
      state.threads = threads;
      writeAddress();
      draw();
    },
    text: given.paste,
    forgetText() {
      state.error = undefined;
      given.want(undefined, state.wantedTokenizer);
      writeAddress();
      draw();
    },
    forgetTokenizer() {
      const { tokenizer: _, ...words } = state.words;
      formActions.change(words);
    },
    begin() {
      const { words, build, threads } = state;
      tryInAnother({ kind: "begin", words, build, threads, ...given.inUse() });
    },
    giveUp() {
      worker.giveUp();
      state.beginning = false;
      draw();
    },
    files: (files: FileList) => void take([...files]),
  };

  function beginExample(words: Words): void {
    state.words = words;
    given.want(undefined);
    formActions.begin();
  }

  function check(): void {
    worker.send({ kind: "check", words: state.words, tokenizer: state.tokenizer?.name });
  }

  async function take(list: readonly File[] | Promise<readonly File[]>): Promise<void> {
    try {
      const files = await readFiles(await list);
      if (!given.take(files)) tryInAnother({ kind: "open", files, threads: state.threads });
    } catch (error) {
      state.error = { of: "open", message: messageOf(error) };
      draw();
    }
  }

  const runActions = {
    run: () => act({ kind: "run" }),
    pause() {
      state.pausing = true;
      act({ kind: "pause" });
    },
    step: () => act({ kind: "step" }),
    rate: (rate: string) => act({ kind: "rate", rate }),
    seek(step: number) {
      state.sought = step;
      seeking.wish(step);
      draw();
    },
    save: () => act({ kind: "save" }),
    sample(request: SampleRequest) {
      act({ kind: "sample", request });
      state.sample = { ...state.sample, done: false };
    },
    head: chooseHead,
    hush: () => act({ kind: "hush" }),
  };

  let due = false;
  function draw(): void {
    if (due) return;
    due = true;
    requestAnimationFrame(() => {
      due = false;
      render(view(), root);
      drawSoon();
    });
  }

  const view = () => html`
    <h1>Train attention in this tab</h1>
    <div class="columns" @dragover=${(event: DragEvent) => event.preventDefault()} @drop=${drop}>
      <section aria-label="Settings">${formView(state, formActions)}</section>
      <section class="run" aria-label="Run">
        ${
          state.run
            ? html`${runView(state.run, state, islands, runActions)}<h3>Other runs to begin with</h3><p class="note">Each begins at once, and forgets the run above; Save run keeps it.</p>`
            : html`${keptView(state.kept, () => worker.restore({ threads: state.threads }))}<p class="lead">${state.linked ? "The settings are those of the link: Begin training gives its run." : "Choose, then begin: the model learns here, in a worker of this page, on the processor."} Or begin with one of these:</p>`
        }
        ${examplesView(beginExample)}
      </section>
    </div>
  `;

  function drop(event: DragEvent): void {
    event.preventDefault();
    if (event.dataTransfer?.files.length) void take(droppedFiles(event.dataTransfer));
  }

  page.run.lend(worker.lend);
  worker.send({ kind: "form" });
  return {
    show(address) {
      const { words, build, threads, text, tokenizer } = readLink(address);
      const named = Object.keys(address).length > 0;
      if (named) {
        // What a link leaves out is at its default.
        state.build = build ?? "portable";
        state.threads = threads ?? "auto";
        state.words = words;
        state.linked = true;
        given.want(text, tokenizer);
      }
      if (named || asked) check();
      if (!asked) {
        const { build, threads } = state;
        worker.restore({
          asked: named ? { words, build, text: text?.digest, tokenizer } : undefined,
          threads,
        });
      }
      asked = true;
      draw();
    },
  };
}
