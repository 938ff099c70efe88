// The end of a training run: the whole held-out split, a sample, the report.
import { attentionPatterns } from "../analysis/probe";
import { bigramEntropy, unigramEntropy } from "../data/floors";
import { digest } from "../math/digest";
import type { Model } from "../models";
import { generate } from "../models/generate";
import { parameterCount } from "../nn/module";
import { renderRun } from "../report";
import { info } from "../runtime/instance";
import { rng } from "../tensor/rng";
import { saveModel } from "../train/checkpoint";
import { evaluate } from "../train/evaluate";
import type { NamedCorpus } from "./corpus";
import { replaceFile } from "./files";
import type { Output } from "./output";
import { isEvaluation, type RunFolder } from "./run-folder";
import type { Settings } from "./settings";
import { VERSION } from "./version";

const SAMPLE_TOKENS = 240;
const PROMPT_TOKENS = 24;
const WATCHED_TOKENS = 48;

interface Timing {
  readonly seconds: number;
  readonly tokensPerSecond: number;
}

/** Evaluates, samples, writes model.safetensors, result.json and report.html, and prints the summary. Returns the result. */
export function concludeRun(
  folder: RunFolder,
  settings: Settings,
  corpus: NamedCorpus,
  model: Model,
  timing: Timing,
  output: Output,
): object {
  const { tokenizer, heldOut } = corpus;
  const evaluation = evaluate(model, heldOut);
  const floors = {
    unigram: unigramEntropy(heldOut),
    bigram: bigramEntropy(heldOut),
  };
  const sample = takeSample(model, corpus, settings.seed);
  const lines = folder.metrics();
  const losses = lines.flatMap((line) => (isEvaluation(line) ? [] : [line.loss]));
  const result = {
    command: "train",
    run: folder.path,
    settings,
    build: info().build,
    parameters: parameterCount(model),
    metrics: { loss: losses.at(-1), lossDigest: digest(losses), heldOut: evaluation, floors },
    sample,
    timing,
  };
  folder.save("model.safetensors", saveModel(model));
  replaceFile(folder.file("result.json"), `${JSON.stringify(result, null, 2)}\n`);
  const watched = Array.from(heldOut.subarray(0, Math.min(WATCHED_TOKENS, model.config.context)));
  const evaluations = lines.filter(isEvaluation);
  replaceFile(
    folder.file("report.html"),
    renderRun({
      title: `${model.kind} on ${corpus.name}`,
      command: `npm run -s heed -- train ${flags(settings)}`,
      config: model.config,
      stamp: {
        heed: VERSION,
        build: info().reason,
        host: info().host,
        seed: String(settings.seed),
        parameters: String(parameterCount(model)),
        seconds: timing.seconds.toFixed(1),
        "tokens/s": String(timing.tokensPerSecond),
      },
      metrics: lines.flatMap((line) => {
        if (isEvaluation(line)) return [];
        const evaluated = evaluations.find(({ step }) => step === line.step);
        return [{ ...line, ...(evaluated && { heldOut: evaluated.heldOut }) }];
      }),
      floors,
      evaluation,
      sample,
      attention: {
        tokens: watched.map((id) => tokenizer.token(id)),
        heads: attentionPatterns(model, watched),
      },
      entropy: evaluations.flatMap(({ step, entropy }) => entropy.map((head) => ({ step, ...head }))),
    }),
  );
  output.say(`\n${sample.prompt}│${sample.text}\n`);
  output.say(
    [
      `held-out loss  ${evaluation.natsPerToken.toFixed(4)} nats per token, perplexity ${evaluation.perplexity.toFixed(2)}, over ${evaluation.tokens} tokens`,
      `floors         unigram ${floors.unigram.toFixed(4)}, bigram ${floors.bigram.toFixed(4)}: what counting single tokens and pairs could reach at best`,
      `speed          ${timing.tokensPerSecond} tokens/s, ${timing.seconds.toFixed(1)} s`,
      `report         ${folder.file("report.html")}`,
      `try            npm run -s heed -- generate ${folder.path}`,
    ].join("\n"),
  );
  return result;
}

function takeSample(
  model: Model,
  { heldOut, tokenizer }: NamedCorpus,
  seed: number,
): { prompt: string; text: string } {
  const prompt = heldOut.subarray(0, Math.min(PROMPT_TOKENS, model.config.context));
  const made = [
    ...generate(model, prompt, { maxTokens: SAMPLE_TOKENS, temperature: 0.8, rng: rng(seed).fork("sample") }),
  ];
  return { prompt: tokenizer.decode(prompt), text: tokenizer.decode(made) };
}

function flags(settings: Settings): string {
  const kebab = (key: string) => key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  return Object.entries(settings)
    .map(([key, value]) => `--${kebab(key)} ${value}`)
    .join(" ");
}
