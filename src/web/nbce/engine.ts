// The worker of the NBCE tab: holds a model and answers questions in view of several contexts.
import { judgeFolder } from "../../cli/foreign-model";
import { LongContextError, Prompts } from "../../cli/nbce-prompts";
import { StreamedText } from "../../cli/streamed-text";
import type { Tokenizer } from "../../data/tokenizer";
import type { LanguageModel } from "../../models/model";
import { nbce } from "../../nbce/decode";
import { type Reader, readerOf } from "../../nbce/reader";
import { init } from "../../runtime/instance";
import { messageOf } from "../../terminal/usage";
import { readFiles } from "../files";
import { besidePage, eventLoopTurn, serve } from "../port";
import { parseRun, type ReadRun, readRun } from "../train/files";
import { keptRun } from "../train/keep";
import type { LentRun } from "../train/protocol";
import { NOTHING, TrainingRun } from "../train/run";
import { droppedFolder } from "./dropped-folder";
import type { Command, News, Question, SpokenToken } from "./protocol";
import { numbers, numbersOf } from "./question";

interface Opened {
  readonly title: string;
  readonly model: LanguageModel;
  readonly tokenizer: Tokenizer;
  readonly stop?: ReadonlySet<number>;
  /** The run of the Train tab, which goes on, and the text of its heed.json. */
  readonly followed?: { readonly description: string; readonly run: TrainingRun };
}

/** As the form has them. */
const NAMES = {
  question: "question",
  maxTokens: `"${numbers.maxTokens.label}"`,
  split: "the button below",
};

/** How often the page is told: it draws each time. */
const NEWS_MS = 100;

let opened: (Opened & { readonly reader: Reader }) | undefined;
let answering = new AbortController();
/** Resolves when the answer that was begun last has ended. */
let answered: Promise<void> = Promise.resolve();

const tell = serve<Command, News>(obey, (message, { kind: of }) => ({ kind: "refused", of, message }));

async function obey(command: Command): Promise<void> {
  answering.abort();
  await answered;
  switch (command.kind) {
    case "follow":
      return follow(command.run);
    case "open":
      return open(command.files);
    case "ask":
      return ask(command);
    case "stop":
      return;
    default:
      return command satisfies never;
  }
}

/** Takes the run of the Train tab as it stands, or the one that this browser keeps, unless files were opened. */
async function follow(lent: LentRun | undefined): Promise<void> {
  if (opened && !opened.followed) return;
  const found = lent ?? (await keptRun());
  if (!found) return;
  const { description, text, tokenizer, checkpoint } = found;
  if (opened?.followed?.description !== description) {
    const read = await parseRun({ description, text: () => text, tokenizer, trace: NOTHING, checkpoint });
    const run = await runOf(read);
    return take({ ...ofRun(run), followed: { description, run } });
  }
  const { run } = opened.followed;
  run.goTo(checkpoint);
  take({ ...ofRun(run), followed: { description, run } });
}

async function open(files: readonly File[]): Promise<void> {
  if (!files.some(({ name }) => name === "config.json")) {
    return take(ofRun(await runOf(await readRun(await readFiles(files)))));
  }
  const { opened, tokenizer, stop } = await judgeFolder(droppedFolder(files));
  await start();
  const model = await opened.load((bytes) => tell({ kind: "loading", part: bytes / opened.storedBytes }));
  take({ title: opened.modelType, model, tokenizer, stop });
}

async function runOf({ plan, checkpoint }: ReadRun): Promise<TrainingRun> {
  await start();
  const run = new TrainingRun(plan);
  run.goTo(checkpoint);
  return run;
}

function ofRun({ model, plan, step }: TrainingRun): Opened {
  const { name, tokenizer } = plan.corpus;
  return { title: `${model.kind} on ${name}, step ${step}`, model, tokenizer };
}

/** One build for all models that this worker sees. */
function start(): Promise<void> {
  return init({ build: "portable", workerUrl: besidePage("thread.js") });
}

function take(next: Opened): void {
  const reader = readerOf(next.model);
  opened = { ...next, reader };
  const { oneByOne } = reader;
  tell({
    kind: "model",
    title: next.title,
    context: next.model.config.context,
    ...(oneByOne && { oneByOne }),
    followed: next.followed !== undefined,
  });
}

/** Does not wait for the answer: commands that come meanwhile are heard. */
function ask({ question, run }: Extract<Command, { kind: "ask" }>): void {
  answering = new AbortController();
  answered = answer(question, run, answering.signal).catch((error: unknown) =>
    tell({
      ...{ kind: "refused", of: "ask", message: messageOf(error) },
      cut: error instanceof LongContextError && !question.split,
    }),
  );
}

async function answer(asked: Question, run: LentRun | undefined, signal: AbortSignal): Promise<void> {
  await follow(run);
  if (!opened) throw new Error("there is no model yet; train one, or drop its files here");
  const { title, model, reader, tokenizer, stop } = opened;
  const options = { ...numbersOf(asked), pool: asked.pool, ...(stop && { stop }) };
  const { template, question, split } = asked;
  const room = model.config.context - options.maxTokens;
  const prompts = new Prompts({ tokenizer, template, question, room, names: NAMES });
  const texts = asked.contexts.map((text, index) => ({ name: `context ${index + 1}`, text }));
  const contexts = split ? texts.flatMap((context) => prompts.split(context)) : texts;
  const rows = [prompts.alone, ...contexts.map((context) => prompts.row(context))];
  tell({ kind: "begun", model: title, contexts });
  const made = new StreamedText(tokenizer, prompts.alone);
  let fresh: SpokenToken[] = [];
  let told = Number.NEGATIVE_INFINITY;
  for await (const token of nbce(reader.source, rows, options)) {
    const { id, chosen, entropies } = token;
    fresh.push({ text: made.add(id), chosen, entropies: Array.from(entropies) });
    if (!made.unfinished && performance.now() - told > NEWS_MS) {
      tell({ kind: "answering", fresh, done: false });
      fresh = [];
      told = performance.now();
    }
    await eventLoopTurn();
    if (signal.aborted) break;
  }
  const last = fresh.pop();
  if (last) fresh.push({ ...last, text: last.text + made.end() }); // whatever is held back, that token is not told yet
  tell({ kind: "answering", fresh, done: true });
}
