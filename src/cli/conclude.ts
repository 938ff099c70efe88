// The end of a training run: the whole held-out split, a sample, the report.
import { bigramEntropy, unigramEntropy } from "../data/floors";
import { type NamedCorpus, opening } from "../data/named-corpus";
import { digest } from "../math/digest";
import type { Model } from "../models";
import { generate } from "../models/generate";
import { parameterCount } from "../nn/module";
import { type RunReport, renderRun } from "../report";
import { info } from "../runtime/instance";
import { rng } from "../tensor/rng";
import { replaceFile } from "../terminal/files";
import type { Output } from "../terminal/output";
import { startProgress } from "../terminal/progress";
import { VERSION } from "../terminal/version";
import { saveModel } from "../train/checkpoint";
import { evaluate } from "../train/evaluate";
import { commandLine } from "./command-line";
import type { RunFolder } from "./run-folder";
import { type Settings, settingWords } from "./settings";
import type { Session } from "./train-session";
import { watchAttention } from "./watch";

const PROMPT_TOKENS = 32;
const SAMPLE_TOKENS = 320;
const TEMPERATURE = 0.8;

interface Timing {
  readonly seconds: number;
  readonly tokensPerSecond: number;
}

/**
 * Evaluates, samples, writes model, result and report, and prints the summary. Returns the result.
 * @param reportFile where the report stands, too
 */
export function concludeRun(
  session: Session,
  timing: Timing,
  output: Output,
  reportFile = session.folder.file("report"),
): object {
  const { folder, settings, corpus, model } = session;
  const progress = startProgress("evaluate", corpus.heldOut.length - 1);
  const heldOut = evaluate(model, corpus.heldOut, { onProgress: (done) => progress.update(done) });
  progress.stop();
  const losses = folder.metrics().steps.map(({ loss }) => loss);
  const floors = { unigram: unigramEntropy(corpus.heldOut), bigram: bigramEntropy(corpus.heldOut) };
  const result = {
    command: "train",
    run: folder.path,
    settings,
    build: info().build,
    parameters: parameterCount(model),
    metrics: { loss: losses.at(-1), lossDigest: digest(losses), heldOut, floors },
    sample: takeSample(model, corpus, settings.seed),
    timing,
  };
  folder.save("model", saveModel(model));
  folder.save("result", `${JSON.stringify(result, null, 2)}\n`);
  const page = renderRun(report(session, result));
  if (reportFile !== folder.file("report")) replaceFile(reportFile, page);
  folder.save("report", page); // last: a run with a report has ended
  output.say(summary(result, folder, reportFile));
  return result;
}

interface Result {
  readonly settings: Settings;
  readonly parameters: number;
  readonly metrics: {
    readonly heldOut: NonNullable<RunReport["evaluation"]>;
    readonly floors: NonNullable<RunReport["floors"]>;
  };
  readonly sample: { readonly prompt: string; readonly text: string };
  readonly timing: Timing;
}

function takeSample(model: Model, corpus: NamedCorpus, seed: number): Result["sample"] {
  const prompt = opening(corpus, Math.min(PROMPT_TOKENS, model.config.context));
  const options = { maxTokens: SAMPLE_TOKENS, temperature: TEMPERATURE, rng: rng(seed).fork("sample") };
  const { tokenizer } = corpus;
  return { prompt: tokenizer.decode(prompt), text: tokenizer.decode([...generate(model, prompt, options)]) };
}

function report({ folder, settings, corpus, model }: Session, result: Result): RunReport {
  const { steps, evaluations } = folder.metrics();
  const heldOut = new Map(evaluations.map((evaluation) => [evaluation.step, evaluation.heldOut]));
  return {
    title: `${model.kind} on ${corpus.name}`,
    command: commandLine("train", ...settingWords(settings), "--build", info().build),
    config: { ...settings, ...model.config },
    stamp: { heed: VERSION, build: info().reason, host: info().host, seed: String(settings.seed) },
    parameters: result.parameters,
    seconds: result.timing.seconds,
    metrics: steps.map((line) => ({ ...line, heldOut: heldOut.get(line.step) })),
    floors: result.metrics.floors,
    evaluation: result.metrics.heldOut,
    sample: result.sample,
    attention: watchAttention(model, corpus),
    entropy: evaluations.flatMap(({ step, entropy }) => entropy.map((head) => ({ step, ...head }))),
  };
}

function summary({ sample, metrics, timing }: Result, folder: RunFolder, reportFile: string): string {
  const { natsPerToken, perplexity, tokens } = metrics.heldOut;
  const { unigram, bigram } = metrics.floors;
  return `
${sample.prompt}│${sample.text}

held-out loss  ${natsPerToken.toFixed(4)} nats per token, perplexity ${perplexity.toFixed(2)}, over ${tokens} tokens
floors         ${unigram.toFixed(4)} unigram, ${bigram.toFixed(4)} bigram: the best that counting tokens or pairs could reach
speed          ${timing.tokensPerSecond} tokens/s, ${timing.seconds.toFixed(1)} s
report         ${reportFile}
try            ${commandLine("generate", folder.path)}`;
}
