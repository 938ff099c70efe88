// The worker of the NBCE tab: holds a model and answers questions in view of several contexts.
import { judgeFolder } from "../../cli/foreign-model";
import { Prompts } from "../../cli/nbce-prompts";
import type { Tokenizer } from "../../data/tokenizer";
import type { LanguageModel } from "../../models/model";
import { nbce } from "../../nbce/decode";
import { sourceOf } from "../../nbce/row-source";
import { init } from "../../runtime/instance";
import { messageOf } from "../../terminal/usage";
import { readFiles } from "../files";
import { besidePage, eventLoopTurn, serve } from "../port";
import { parseRun, type ReadRun, readRun } from "../train/files";
import { keptRun } from "../train/keep";
import { TrainingRun } from "../train/run";
import { droppedFolder } from "./dropped-folder";
import type { Command, News, Question, SpokenToken } from "./protocol";

interface Opened {
  readonly title: string;
  readonly model: LanguageModel;
  readonly tokenizer: Tokenizer;
  readonly stop?: ReadonlySet<number>;
}

/** How often the page is told: it draws the whole answer each time. */
const NEWS_MS = 100;

let opened: Opened | undefined;
let answering = new AbortController();
/** Resolves when the answer that was begun last has ended. */
let answered: Promise<void> = Promise.resolve();

const tell = serve<Command, News>(obey, (message, { kind: of }) => ({ kind: "refused", of, message }));

async function obey(command: Command): Promise<void> {
  answering.abort();
  await answered;
  switch (command.kind) {
    case "kept":
      return openKept();
    case "open":
      return open(command.files);
    case "ask":
      return ask(command.question);
    case "stop":
      return;
    default:
      return command satisfies never;
  }
}

async function openKept(): Promise<void> {
  const kept = await keptRun();
  if (!kept) {
    tell({ kind: "nothing" });
    return;
  }
  const { description, text, trace, checkpoint } = kept;
  await take(await ofRun(parseRun({ description, text: () => text, trace, checkpoint })));
}

async function open(files: readonly File[]): Promise<void> {
  if (!files.some(({ name }) => name === "config.json")) {
    await take(await ofRun(readRun(await readFiles(files))));
    return;
  }
  const { opened, tokenizer, stop } = await judgeFolder(droppedFolder(files));
  await start();
  const model = await opened.load((bytes) => tell({ kind: "loading", part: bytes / opened.storedBytes }));
  await take({ title: opened.modelType, model, tokenizer, stop });
}

async function ofRun({ plan, checkpoint }: ReadRun): Promise<Opened> {
  await start();
  const run = new TrainingRun(plan);
  run.goTo(checkpoint);
  return {
    title: `${run.model.kind} on ${plan.corpus.name}, step ${run.step}`,
    model: run.model,
    tokenizer: plan.corpus.tokenizer,
  };
}

/** One build for all models that this worker sees. */
function start(): Promise<void> {
  return init({ build: "portable", workerUrl: besidePage("thread.js") });
}

async function take(next: Opened): Promise<void> {
  opened = next;
  tell({ kind: "model", title: next.title, context: next.model.config.context });
}

/** Does not wait for the answer: commands that come meanwhile are heard. */
function ask(question: Question): void {
  answering = new AbortController();
  answered = answer(question, answering.signal).catch((error: unknown) =>
    tell({ kind: "refused", of: "ask", message: messageOf(error) }),
  );
}

async function answer(
  { contexts, question, template, maxTokens, ...options }: Question,
  signal: AbortSignal,
): Promise<void> {
  if (!opened) throw new Error("there is no model yet; train one, or drop its files here");
  const { model, tokenizer, stop } = opened;
  const prompts = new Prompts({ tokenizer, template, question, room: model.config.context - maxTokens });
  const rows = [
    prompts.alone,
    ...contexts.map((text, index) => prompts.row({ name: `context ${index + 1}`, text })),
  ];
  const ids: number[] = [];
  const tokens: SpokenToken[] = [];
  let text = "";
  let told = Number.NEGATIVE_INFINITY;
  for await (const token of nbce(sourceOf(model), rows, {
    ...options,
    maxTokens,
    ...(stop && { stop }),
  })) {
    ids.push(token.id);
    const longer = tokenizer.decode(ids);
    tokens.push({
      text: longer.slice(text.length),
      chosen: token.chosen,
      entropies: Array.from(token.entropies),
    });
    text = longer;
    if (performance.now() - told > NEWS_MS) {
      tell({ kind: "answering", tokens, done: false });
      told = performance.now();
    }
    await eventLoopTurn();
    if (signal.aborted) break;
  }
  tell({ kind: "answering", tokens, done: true });
}
