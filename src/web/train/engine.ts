// The worker of the train tab: obeys its commands, trains between them, and keeps the run in this browser.
import { PaceMeter } from "../../cli/pace";
import { info } from "../../runtime/instance";
import { number } from "../../terminal/options";
import { at, messageOf } from "../../terminal/usage";
import { DivergedError, type StepMetrics } from "../../train/trainer";
import { eventLoopTurn, serve } from "../port";
import { isAsked, lentRun, parseRun, type ReadRun, readRun, zipRun } from "./files";
import { keepingNote, keptCheckpoint, keptRun } from "./keep";
import { lossesByStep } from "./losses";
import type { Command, GivenTokenizer, News, RunFacts, RunState, Threads } from "./protocol";
import { TrainingRun } from "./run";
import { RunKeeper } from "./run-keeper";
import { startRuntime } from "./runtime";
import { formGroups, plan, planTitle, planWords, settingsOf, sortWords } from "./settings";
import { speaker } from "./speaker";
import { textOfWords, textWords } from "./text-words";
import { openGiven, tokenizerDigest } from "./tokenizer";

/** The page is told so often, and the browser keeps the run so often. */
const NEWS_MS = 100;
const KEEP_MS = 2000;

let run: TrainingRun | undefined;
/** What the runtime is, and why. */
let reason = "";
let running = false;
/** It was running when it was told to make room for another. */
let suspended = false;
/** The training that was begun last; a new one waits for its end. */
let training: Promise<void> = Promise.resolve();
const keeper = new RunKeeper();
const pace = new PaceMeter();

const tell = serve<Command, News>(obey, (message, { kind }) => ({ kind: "refused", message, of: kind }));
const voice = speaker(tell);

async function obey(command: Command): Promise<void> {
  switch (command.kind) {
    case "form":
      return tell({ kind: "form", groups: formGroups() });
    case "check":
      return check(command);
    case "begin":
      return begin(command);
    case "restore":
      return restore(command);
    case "name":
      return tell({ kind: "text", text: { ...command.text, words: textWords(command.text) } });
    case "tokenizer":
      return readTokenizer(command.tokenizer);
    case "unpack": {
      const text = textOfWords(command.words);
      return tell(text ? { kind: "text", text } : { kind: "damaged" });
    }
    case "open":
      return open(await readRun(command.files), command.threads);
    case "keep":
      return keepAnew(current(), command);
    case "run":
      return goOn(current());
    case "pause":
      return halt();
    case "suspend": {
      const goesOn = running || suspended;
      await halt();
      suspended = goesOn;
      return;
    }
    case "resume":
      return suspended ? goOn(current()) : undefined;
    case "step":
      return stepOnce(current());
    case "rate":
      return changeRate(current(), command.rate);
    case "seek":
      return seek(current(), command.step);
    case "sample":
      return voice.speak(current(), command.request);
    case "hush":
      return voice.stop();
    case "lend": {
      const lent = lentRun(current());
      return tell({ kind: "lent", run: lent }, [lent.checkpoint.buffer]);
    }
    case "save": {
      const bytes = zipRun(current());
      const { corpus, settings } = current().plan;
      const name = `${corpus.name}-${settings.model}-${settings.seed}-step-${current().step}.zip`;
      return tell({ kind: "saved", name, bytes }, [bytes.buffer]);
    }
    default:
      return command satisfies never;
  }
}

function current(): TrainingRun {
  if (run) return run;
  throw new Error("there is no run yet; begin one");
}

function goOn(run: TrainingRun): void {
  if (running || run.done) return;
  running = true;
  suspended = false;
  tell({ kind: "progress", state: state(run), metrics: [] }); // the first step may take long
  training = training.then(() => trainOn(run));
}

async function halt(): Promise<void> {
  running = false;
  suspended = false;
  await training;
}

function check({ words: asked, tokenizer }: Extract<Command, { kind: "check" }>): void {
  const { known, unknown } = sortWords(asked);
  try {
    tell({ kind: "checked", asked, words: planWords({ settings: settingsOf(known, tokenizer) }), unknown });
  } catch (error) {
    tell({ kind: "checked", asked, words: known, unknown, refusal: messageOf(error) });
  }
}

async function readTokenizer(tokenizer: GivenTokenizer): Promise<void> {
  await openGiven(tokenizer); // throws, where it is none
  tell({ kind: "tokenizer", tokenizer: { ...tokenizer, digest: tokenizerDigest(tokenizer) } });
}

async function begin(command: Extract<Command, { kind: "begin" }>): Promise<void> {
  const { words, build, threads, text, tokenizer: file } = command;
  const settings = settingsOf(words, file?.name);
  const planned = plan(settings, { text, file, tokenizer: file && (await openGiven(file)) });
  reason = await startRuntime(build, threads);
  keeper.forget();
  try {
    run = new TrainingRun(planned);
    opened(run);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new Error(
      `this model needs more memory than the browser gives (${error.message}); use a shorter context or a smaller width`,
    );
  }
}

async function restore(command: Extract<Command, { kind: "restore" }>): Promise<void> {
  const { asked, threads, alone } = command;
  const kept = await keptRun();
  if (!kept) return tell({ kind: "nothing" });
  const { text, step, ...rest } = kept;
  const read = await parseRun({ text: () => text, ...rest });
  if (asked && !isAsked(read, asked))
    return tell({ kind: "nothing", kept: { title: planTitle(read.plan), step } });
  await take(read, threads);
  await keeper.takeUp(current(), { alone });
  opened(current());
}

async function open(read: ReadRun, threads: Threads): Promise<void> {
  await take(read, threads);
  keeper.forget();
  opened(current());
}

/** @throws Error when the checkpoint does not fit; then what ran before is still here */
async function take({ plan, build, trace, checkpoint }: ReadRun, threads: Threads): Promise<void> {
  reason = await startRuntime(build, threads);
  const next = new TrainingRun(plan, trace);
  next.goTo(checkpoint);
  run = next;
}

function opened(run: TrainingRun): void {
  run.look();
  const { metrics, looks } = run.trace;
  const losses = lossesByStep(metrics);
  tell({ kind: "opened", facts: facts(run), state: state(run), losses, looks }, [losses.buffer]);
  tellMaps(run);
}

function facts(run: TrainingRun): RunFacts {
  return { ...run.facts, build: info().build, reason };
}

function state(run: TrainingRun): RunState {
  const { step, rate, nextRate } = run;
  const { liveBytes, memoryBytes } = info();
  const { tokensPerSecond } = pace;
  const keeping = keepingNote();
  return {
    step,
    rate,
    nextRate,
    running,
    tokensPerSecond,
    liveBytes,
    memoryBytes,
    checkpoints: keeper.steps,
    keeping,
  };
}

function tellMaps(run: TrainingRun): void {
  const maps = run.maps();
  tell({ kind: "look", look: run.look(), ...(maps && { maps }) });
}

async function trainOn(run: TrainingRun): Promise<void> {
  pace.start();
  let told = performance.now();
  let keptAt = performance.now();
  let fresh: StepMetrics[] = [];
  const report = () => {
    tell({ kind: "progress", state: state(run), metrics: fresh });
    fresh = [];
    told = performance.now();
  };
  try {
    await keeper.leaveCourse(run);
    while (running && !run.done) {
      const turn = run.advance();
      if (!turn) break;
      fresh.push(turn.metrics);
      pace.add(turn.metrics.tokens);
      if (turn.look || performance.now() - told > NEWS_MS) report(); // a look after its step
      if (turn.look) tellLook(run);
      if (run.atCheckpoint || performance.now() - keptAt > KEEP_MS) {
        await keeper.keep(run, { checkpoint: run.atCheckpoint });
        keptAt = performance.now();
      }
      await eventLoopTurn();
    }
    running = false;
    await keeper.keep(run, { checkpoint: false });
    report();
    tellMaps(run);
  } catch (error) {
    running = false;
    report(); // no look: a model that is no longer sound has none to give
    tell({ kind: "refused", message: `${messageOf(error)}${lost(error)}`, of: "run" });
  }
}

/** Weights may have been beyond all bounds steps before. */
function lost(error: unknown): string {
  return error instanceof DivergedError && keeper.steps.length > 1
    ? "; where that does not help, go back to a checkpoint first"
    : "";
}

let mapsToldAt = 0;

/** Numbers of every look, maps no more often than the page can draw them without a hitch. */
function tellLook(run: TrainingRun): void {
  const MAPS_MS = 500;
  if (performance.now() - mapsToldAt < MAPS_MS) {
    tell({ kind: "look", look: run.look() });
    return;
  }
  tellMaps(run);
  mapsToldAt = performance.now();
}

async function stepOnce(run: TrainingRun): Promise<void> {
  await halt();
  await keeper.leaveCourse(run);
  const turn = run.advance();
  if (!turn) return;
  await keeper.keep(run, { checkpoint: run.atCheckpoint });
  tell({ kind: "progress", state: state(run), metrics: [turn.metrics] });
  tellMaps(run);
}

async function changeRate(run: TrainingRun, word: string): Promise<void> {
  run.rate = at("learning rate", () => number(0, undefined, "low")(word));
  await keeper.keep(run, { checkpoint: false }); // first: a reload finds the run by what the address tells
  tell({ kind: "changed", facts: facts(run) });
  tell({ kind: "progress", state: state(run), metrics: [] });
}

async function keepAnew(run: TrainingRun, { alone }: { readonly alone: boolean }): Promise<void> {
  await keeper.begin(run, { alone });
  tell({ kind: "progress", state: state(run), metrics: [] });
}

async function seek(run: TrainingRun, step: number): Promise<void> {
  await halt();
  const checkpoint = await keptCheckpoint(step);
  if (!checkpoint) throw new Error(`there is no checkpoint of step ${step}`);
  run.goTo(checkpoint);
  tell({ kind: "progress", state: state(run), metrics: [] });
  tellMaps(run);
}
