// The NBCE tab: contexts, a question, a model that was trained here or dropped, and who spoke.
import { html, nothing, render } from "lit-html";
import { messageOf } from "../../terminal/usage";
import { placeHash } from "../address";
import { droppedFiles } from "../drop";
import { type Engine, engine } from "../port";
import type { OpenTab, Page, Tab } from "../tabs";
import { smearedKeys } from "../train/examples";
import { type Answer, answerView } from "./answer";
import { contextsWords, type LackingContexts, leavesOut, readContexts } from "./contexts-words";
import { type FormState, formView } from "./form";
import type { Command, News, Question } from "./protocol";
import { EXAMPLE, questionOf, questionWords, sameContexts } from "./question";
import "./tab.css";

export const nbceTab: Tab = { open };

/** Without a key for so long, somebody has written what they wanted to. */
const REST_MS = 300;

function open(root: HTMLElement, page: Page): OpenTab {
  let question = EXAMPLE;
  let model: FormState["model"];
  let loading: number | undefined;
  let refusal: FormState["refusal"];
  /** What is being answered: the answer before it stays until the new one begins. */
  let asked: Question | undefined;
  let answer: Answer | undefined;
  let resting: ReturnType<typeof setTimeout> | undefined;
  /** The contexts of the link that the page was opened with, as long as they are not the ones here. */
  let lack: LackingContexts | undefined;
  let tooLong = false;
  const worker = start();
  /** Commands reach the worker in the order in which they were given, though some wait for the run of the Train tab. */
  let sent: Promise<void> = Promise.resolve();

  function send(command: () => Command | Promise<Command>): void {
    sent = sent.then(command).then((made) => {
      const run = "run" in made ? made.run : undefined;
      worker.send(made, run && [run.checkpoint.buffer]);
    });
  }

  function start(): Engine<Command> {
    const made = new Worker(new URL("./engine.ts", import.meta.url), {
      type: "module",
      name: document.baseURI,
    });
    return engine<Command, News>(made, hear, (message) =>
      hear({ kind: "refused", of: asked ? "ask" : "open", message }),
    );
  }

  function hear(news: News): void {
    switch (news.kind) {
      case "model":
        model = news;
        loading = undefined;
        break;
      case "loading":
        loading = news.part;
        break;
      case "begun":
        if (asked)
          answer = { question: asked, model: news.model, contexts: news.contexts, tokens: [], done: false };
        break;
      case "answering":
        if (answer) answer = { ...answer, tokens: [...answer.tokens, ...news.fresh], done: news.done };
        if (news.done) asked = undefined;
        break;
      case "refused":
        refusal = news;
        loading = undefined;
        if (news.of === "ask") {
          asked = undefined;
          answer = answer && { ...answer, done: true };
        }
        break;
    }
    draw();
    if (news.kind === "refused")
      root.querySelector(".error:not(:empty)")?.scrollIntoView({ block: "nearest" });
  }

  const actions = {
    ask() {
      refusal = undefined;
      asked = question;
      const now = question;
      send(async () => ({ kind: "ask", question: now, run: await page.run.current() }));
      address();
    },
    stop: () => send(() => ({ kind: "stop" })),
    cut() {
      question = { ...question, split: true };
      actions.ask();
      root.querySelector<HTMLElement>("button.ask")?.focus(); // the one that was pressed is gone
    },
    change(part: Partial<Question>) {
      question = { ...question, ...part };
      refusal = undefined;
      address();
    },
    /** What is being written counts at once; the address follows when the keys rest, as browsers refuse it to change too often. */
    write(part: Partial<Question>) {
      question = { ...question, ...part };
      refusal = undefined;
      clearTimeout(resting);
      resting = setTimeout(address, REST_MS);
      draw();
    },
    take(files: readonly File[]) {
      refusal = undefined;
      if (files.length > 0) send(() => ({ kind: "open", files }));
      draw();
    },
  };

  /** A link to what the tab holds. Until something is written, it speaks of the contexts that it came without. */
  function address(): void {
    const own = contextsWords(question.contexts);
    const blank = question.contexts.every((text) => text === "");
    if (!blank && lack && [own.digest, undefined].includes(lack.words.digest)) lack = undefined;
    tooLong = leavesOut(own);
    page.writeAddress({ ...questionWords(question), ...(blank && lack ? lack.words : own) });
    draw();
  }

  function draw(): void {
    page.work.tell(asked && "answering");
    render(view(), root);
  }

  const view = () => {
    const training = page.work.elsewhere().some(({ name }) => name === "train");
    return html`
    <h1>Answers from more contexts than fit at once</h1>
    <p class="lead">A model reads only so many tokens at once. Naive Bayes context extension (NBCE; Su 2023, kexue.fm/archives/9617) answers from more: the model reads each context by itself, with the question behind it, and at every token the context speaks that makes it surest, corrected by what it would say without any. Ask, and see which context spoke when.</p>
    <div class="columns" @dragover=${(event: DragEvent) => event.preventDefault()} @drop=${drop}>
      ${formView({ question, lack, tooLong, model, training, loading, refusal, answering: asked !== undefined }, actions)}
      <section aria-label="Answer">
        ${
          answer
            ? answerView(answer, { question, model: model?.title ?? "" })
            : html`<p class="note">Here the answer will stand, and below it which context spoke at each token, and how sure each was.</p>`
        }
        ${sameContexts(question, EXAMPLE) ? exampleNote() : nothing}
      </section>
    </div>
  `;
  };

  function follow(): void {
    if (!asked) send(async () => ({ kind: "follow", run: await page.run.current() }));
  }

  function drop(event: DragEvent): void {
    event.preventDefault();
    if (!event.dataTransfer) return;
    droppedFiles(event.dataTransfer).then(actions.take, (error: unknown) =>
      hear({ kind: "refused", of: "open", message: messageOf(error) }),
    );
  }

  return {
    show(words) {
      if (Object.keys(words).length > 0) question = { ...question, ...questionOf(words) };
      const read = readContexts(words, question.contexts);
      if (read) {
        question = { ...question, contexts: read.contexts };
        lack = read.lack;
      }
      follow(); // a run may have begun since
      if (question === EXAMPLE) draw();
      else address();
    },
    workChanged() {
      if (!root.hidden) follow();
      draw();
    },
  };
}

function exampleNote() {
  const { title, words } = smearedKeys;
  return html`<p class="note">The example: context 2 tells what follows “mno”, and a model that has learnt to copy answers “pqrs” from it. The run <a href=${placeHash({ tab: "train", words })}>${title}</a> makes such a model: begin it in the Train tab, then come back and ask.</p>`;
}
