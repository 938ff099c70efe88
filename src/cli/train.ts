// `heed train`: from a text to a model, with everything on the way kept in a folder.
import { resolve } from "node:path";
import { meanEntropy } from "../analysis/entropy";
import { attentionPatterns } from "../analysis/probe";
import { type Batch, windows } from "../data/batches";
import { tokenizerFromJSON } from "../data/tokenizer";
import { type Build, info, init } from "../index";
import { digest } from "../math/digest";
import { type Model, models } from "../models";
import { namedParameters, parameterCount } from "../nn/module";
import { rng } from "../tensor/rng";
import { restoreTraining, saveTraining } from "../train/checkpoint";
import { evaluate } from "../train/evaluate";
import { type Optimizer, optimizers } from "../train/optimizer";
import { warmupCosine } from "../train/schedule";
import { DivergedError, train } from "../train/trainer";
import { concludeRun } from "./conclude";
import { loadCorpus, type NamedCorpus } from "./corpus";
import { freshFolder, holds, writableFolder } from "./files";
import { Output } from "./output";
import { startProgress } from "./progress";
import { FORMAT, RunFolder } from "./run-folder";
import { checkSettings, type Settings } from "./settings";
import { UsageError } from "./usage";

/** Share of the steps that the learning rate takes to rise, at most MAXIMUM_WARMUP, and where the cosine ends. */
const WARMUP_SHARE = 0.1;
const MAXIMUM_WARMUP = 100;
const MINIMUM_RATE_SHARE = 0.1;
/** nanoGPT's choice for small batches, where the second moment is noisy. */
const BETA2 = 0.99;
/** Checkpoints come every so many steps, evaluations so many times in a run. */
const CHECKPOINT_STEPS = 100;
const EVALUATIONS = 20;
const EVALUATION_TOKENS = 4096;
/** Tokens of the held-out text whose attention is watched. */
export const WATCHED_TOKENS = 48;

export interface TrainArguments extends Settings {
  out?: string;
  resume?: string;
  build?: "auto" | Build;
  json?: string;
}

interface Session {
  readonly folder: RunFolder;
  readonly settings: Settings;
  readonly corpus: NamedCorpus;
  readonly model: Model;
  readonly optimizer: Optimizer;
}

/** Returns the exit code. */
export async function trainCommand(given: TrainArguments, output = new Output(given.json)): Promise<number> {
  const session = given.resume === undefined ? await begin(given) : await goOn(given.resume);
  const { folder, settings, corpus, model } = session;
  output.note(
    `${model.kind}, ${parameterCount(model).toLocaleString("en")} parameters, on ${corpus.name}: ${corpus.train.length.toLocaleString("en")} tokens of ${corpus.tokenizer.vocabulary.length}; ${info().reason}; ${folder.path}`,
  );
  const began = performance.now();
  const from = session.optimizer.steps;
  const end = await runSteps(session, output);
  if (end !== "done") {
    if (end === "stopped")
      output.say(`stopped; go on with: npm run -s heed -- train --resume ${folder.path}`);
    return 1;
  }
  const seconds = (performance.now() - began) / 1000;
  const tokensPerSecond = Math.round(((settings.steps - from) * settings.batch * settings.context) / seconds);
  const result = concludeRun(folder, settings, corpus, model, { seconds, tokensPerSecond }, output);
  output.finish(result);
  return 0;
}

async function begin(given: TrainArguments): Promise<Session> {
  const { out, resume, build = "auto", json, ...settings } = given;
  const corpus = loadCorpus(settings, undefined);
  if (out !== undefined && holds(out, "heed.json")) {
    throw new UsageError(
      `${out}: already holds a run; continue it with --resume ${out}, or choose another folder with --out`,
    );
  }
  await init({ build });
  const { model, optimizer } = make(settings, corpus);
  const path = writableFolder(
    out ??
      freshFolder(
        `runs/${settings.text === undefined ? settings.data : "text"}-${settings.model}-${settings.seed}`,
      ),
  );
  const folder = new RunFolder(path);
  folder.describe({
    heed: FORMAT,
    settings: { ...settings, ...(settings.text !== undefined && { text: resolve(settings.text) }) },
    build: info().build,
    model: { kind: model.kind, config: model.config },
    tokenizer: corpus.tokenizer.toJSON(),
    corpus: { name: corpus.name, digest: digest(corpus.train) },
  });
  folder.save("checkpoint.safetensors", saveTraining(model, optimizer));
  return { folder, settings, corpus, model, optimizer };
}

async function goOn(path: string): Promise<Session> {
  const folder = new RunFolder(path);
  const description = folder.description();
  const settings = checkSettings(description.settings as unknown as Record<string, unknown>); // unknown until checked
  const corpus = loadCorpus(settings, tokenizerFromJSON(description.tokenizer));
  if (digest(corpus.train) !== description.corpus.digest) {
    throw new UsageError(
      `${path}: the text ${corpus.name} has changed since the run began; put it back or train anew`,
    );
  }
  await init({ build: description.build });
  const { model, optimizer } = make(settings, corpus);
  restoreTraining(folder.load("checkpoint.safetensors"), model, optimizer);
  folder.truncateMetrics(optimizer.steps);
  return { folder, settings, corpus, model, optimizer };
}

function make(settings: Settings, corpus: NamedCorpus): { model: Model; optimizer: Optimizer } {
  const { model: kind, attention, position, scale, mask, normalizer, norm, activation } = settings;
  const { layers, heads, width, context, dropout } = settings;
  const model = models[kind](
    {
      vocabulary: corpus.tokenizer.vocabulary.length,
      attention,
      position,
      scale,
      mask,
      normalizer,
      norm,
      activation,
      layers,
      heads,
      width,
      context,
      dropout,
    },
    rng(settings.seed).fork("weights"),
  );
  const parameters = namedParameters(model);
  const { weightDecay } = settings;
  const optimizer =
    settings.optimizer === "adamw"
      ? optimizers.adamw(parameters, { beta2: BETA2, weightDecay })
      : optimizers.sgd(parameters, { momentum: 0.9, weightDecay });
  return { model, optimizer };
}

async function runSteps(session: Session, output: Output): Promise<"done" | "stopped" | "diverged"> {
  const { folder, settings, corpus, model, optimizer } = session;
  const { steps, lr, batch, context, seed } = settings;
  const progress = startProgress("train", steps, optimizer.steps);
  const stop = { asked: false };
  const onInterrupt = () => {
    stop.asked = true;
  };
  process.once("SIGINT", onInterrupt);
  const every = Math.max(1, Math.floor(steps / EVALUATIONS));
  let pace = { step: optimizer.steps, at: performance.now(), tokensPerSecond: 0 };
  try {
    const options = {
      batches: windows(corpus.train, { batch, context, rng: rng(seed).fork("batches") }) as (
        step: number,
      ) => Batch,
      steps,
      learningRate: warmupCosine({
        learningRate: lr,
        minimum: lr * MINIMUM_RATE_SHARE,
        warmup: Math.min(MAXIMUM_WARMUP, Math.floor(steps * WARMUP_SHARE)),
        steps,
      }),
      optimizer,
      clip: settings.clip,
      ...(settings.dropout > 0 && { rng: rng(seed).fork("dropout") }),
    };
    if (optimizer.steps === 0) folder.record(watch(0, session));
    for (const metrics of train(model, options)) {
      const { step, loss, tokens } = metrics;
      folder.record(metrics);
      if (step % every === 0 || step === steps) folder.record(watch(step, session));
      if (step % CHECKPOINT_STEPS === 0 || step === steps || stop.asked) {
        folder.flush();
        folder.save("checkpoint.safetensors", saveTraining(model, optimizer));
      }
      const now = performance.now();
      if (now - pace.at > 500) {
        pace = { step, at: now, tokensPerSecond: ((step - pace.step) * tokens * 1000) / (now - pace.at) };
      }
      progress.update(step, { loss: loss.toFixed(3), "tokens/s": pace.tokensPerSecond.toFixed(0) });
      if (stop.asked && step < steps) return "stopped";
      await new Promise(setImmediate); // signals are seen between steps
    }
    return "done";
  } catch (error) {
    if (!(error instanceof DivergedError)) throw error;
    folder.flush();
    output.note(`${error.message}; the last good checkpoint is ${folder.file("checkpoint.safetensors")}`);
    return "diverged";
  } finally {
    progress.stop();
    process.off("SIGINT", onInterrupt);
  }
}

/** The held-out loss and the attention entropies now. */
function watch(step: number, { corpus, model }: Session) {
  const heldOut = evaluate(model, corpus.heldOut.subarray(0, EVALUATION_TOKENS + 1)).natsPerToken;
  const watched = Array.from(corpus.heldOut.subarray(0, Math.min(WATCHED_TOKENS, model.config.context)));
  const entropy = attentionPatterns(model, watched).map(({ layer, head, weights }) => ({
    layer,
    head,
    entropy: meanEntropy(weights, watched.length),
  }));
  return { step, heldOut, entropy };
}
