// A run as the files of its folder, the same as `heed train` writes: what is saved here opens there, and the other way round.
import { strFromU8, strToU8, unzipSync, zipSync } from "fflate";
import { describeRun, type EvaluationMetrics, parseDescription, runFiles } from "../../cli/run-description";
import { info } from "../../runtime/instance";
import { at } from "../../terminal/usage";
import { saveModel } from "../../train/checkpoint";
import type { StepMetrics } from "../../train/trainer";
import { sameWords } from "../address";
import type { AskedRun, GivenFile, GivenText, GivenTokenizer, LentRun } from "./protocol";
import { NOTHING, type Trace, type TrainingRun } from "./run";
import { type Plan, plan, planWords } from "./settings";
import { textWords } from "./text-words";
import { openGiven, tokenizerDigest } from "./tokenizer";

/** A run that was read, before its model is made. */
export interface ReadRun {
  readonly plan: Plan;
  readonly build: "portable" | "fast";
  readonly trace: Trace;
  readonly checkpoint: Uint8Array;
}

/** The run as it stands by now. */
export function lentRun(run: TrainingRun): LentRun {
  const { text, tokenizer } = run.plan;
  return {
    description: runDescription(run),
    ...(text && { text }),
    ...(tokenizer && { tokenizer }),
    checkpoint: run.checkpoint() as Uint8Array<ArrayBuffer>, // made by saveTraining, of memory of its own
  };
}

/** The text of heed.json. */
function runDescription({ plan, settings }: TrainingRun): string {
  const { tokenizer, name, digest } = plan.corpus;
  return describeRun({ settings, build: info().build, tokenizer, corpus: { name, digest } });
}

/** All files of the run in one that opens everywhere. */
export function zipRun(run: TrainingRun): Uint8Array<ArrayBuffer> {
  const { text, tokenizer } = run.plan;
  return zipSync(
    {
      [runFiles.description]: strToU8(runDescription(run)),
      [runFiles.metrics]: strToU8(metricLines(run)),
      [runFiles.checkpoint]: run.checkpoint(),
      [runFiles.model]: saveModel(run.model),
      ...(text && { [text.name]: strToU8(text.content) }),
      ...(tokenizer && { [runFiles.tokenizer]: tokenizer.file }),
      ...(tokenizer?.settings && { [runFiles.tokenizerSettings]: tokenizer.settings }),
    },
    { level: 0 }, // weights do not get smaller
  );
}

/**
 * @param files those of a run's folder, or one archive of them
 * @throws Error that says what is missing or not sound
 */
export async function readRun(files: readonly GivenFile[]): Promise<ReadRun> {
  const all = new Map(files.flatMap(unpacked).map(({ name, bytes }) => [baseName(name), bytes]));
  const description = all.get(runFiles.description);
  const checkpoint = all.get(runFiles.checkpoint);
  if (!description || !checkpoint) {
    const names = [...all.keys()].slice(0, 5).join(", ");
    throw new Error(
      `open: a run's ${runFiles.description} and ${runFiles.checkpoint} are needed, got ${names || "no file"}; drop the files of its folder together`,
    );
  }
  const metrics = all.get(runFiles.metrics);
  return parseRun({
    description: strFromU8(description),
    text: (name) => {
      const bytes = all.get(baseName(name));
      return bytes && { name: baseName(name), content: strFromU8(bytes) };
    },
    tokenizer: tokenizerAmong(all),
    trace: metrics ? parseMetrics(strFromU8(metrics)) : NOTHING,
    checkpoint,
  });
}

/** Whether it is the run that an address tells of. */
export function isAsked({ plan, build }: ReadRun, asked: AskedRun): boolean {
  return (
    sameWords(asked.words, planWords(plan)) &&
    asked.build === build &&
    asked.text === (plan.text && textWords(plan.text).digest) &&
    asked.tokenizer === plan.tokenizer?.digest
  );
}

interface Parts extends Pick<ReadRun, "trace" | "checkpoint"> {
  readonly description: string;
  readonly text: (name: string) => GivenText | undefined;
  readonly tokenizer?: GivenTokenizer | undefined;
}

/** @throws Error for a description that is not sound, and for a text or a tokenizer that is missing or another */
export async function parseRun({ description, text, tokenizer, ...rest }: Parts): Promise<ReadRun> {
  const parsed = at(runFiles.description, () => parseDescription(description));
  const { settings, build, corpus } = parsed;
  const file = parsed.tokenizer === "file" ? tokenizer : undefined;
  if (parsed.tokenizer === "file" && !file)
    throw new Error(`open: the run's ${runFiles.tokenizer} is needed, drop it together with the run`);
  const given = settings.text === undefined ? undefined : text(settings.text);
  if (settings.text !== undefined && !given)
    throw new Error(
      `open: the run's text ${baseName(settings.text)} is needed, drop it together with the run`,
    );
  const made = plan(settings, {
    text: given,
    file: file && { ...file, name: baseName(settings.tokenizer), digest: tokenizerDigest(file) },
    tokenizer: parsed.tokenizer === "file" ? file && (await openGiven(file)) : parsed.tokenizer,
  });
  if (made.corpus.digest !== corpus.digest)
    throw new Error(`open: the text must be the one that the run began with, ${corpus.name} has changed`);
  return { plan: made, build, ...rest };
}

function tokenizerAmong(all: ReadonlyMap<string, Uint8Array<ArrayBuffer>>): GivenTokenizer | undefined {
  const [file, settings] = [all.get(runFiles.tokenizer), all.get(runFiles.tokenizerSettings)];
  return file && { name: runFiles.tokenizer, file, ...(settings && { settings }) };
}

/** A line a step, and after it one for an evaluation, the order in which `heed train` writes. */
function metricLines({ trace, step: reached }: TrainingRun): string {
  const steps = trace.metrics.map((line) => ({ at: line.step, line }));
  const evaluations = trace.evaluations.map((line) => ({ at: line.step + 0.5, line }));
  return [...steps, ...evaluations]
    .filter(({ line }) => line.step <= reached)
    .sort((a, b) => a.at - b.at)
    .map(({ line }) => `${JSON.stringify(line)}\n`)
    .join("");
}

function parseMetrics(text: string): Trace {
  // Whatever stands behind the last newline was cut off while it was written.
  const rows = text.split("\n").slice(0, -1);
  const lines: (StepMetrics | EvaluationMetrics)[] = rows.map((line, index) =>
    at(`${runFiles.metrics}:${index + 1}`, () => JSON.parse(line)),
  );
  const evaluations = lines.filter((line) => "heldOut" in line);
  return {
    metrics: lines.filter((line) => "loss" in line),
    evaluations,
    looks: evaluations.map(({ step, heldOut }) => ({ step, heldOut, heads: [] })),
  };
}

function unpacked(file: GivenFile): GivenFile[] {
  if (!file.name.endsWith(".zip")) return [file];
  return at(file.name, () =>
    Object.entries(unzipSync(file.bytes)).map(([name, bytes]) => ({ name, bytes: new Uint8Array(bytes) })),
  );
}

function baseName(path: string): string {
  return path.split(/[/\\]/).at(-1) ?? path;
}
