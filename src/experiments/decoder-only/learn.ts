// The parts of `decoder-only` that learn: a rule from an input part to an output part, the same twice in two ways, and masked characters.
import type { MaskName } from "../../attention/mask";
import { type Batch, IGNORED } from "../../data/batches";
import { type TransductionRule, transduction } from "../../data/transduction";
import { EncoderDecoder } from "../../models/encoder-decoder";
import { type Gpt, gpt } from "../../models/gpt";
import { parameterCount } from "../../nn/module";
import type { Rng } from "../../tensor/rng";
import { ids, scope } from "../../tensor/tensor";
import { train } from "../../train/trainer";
import { encoder, maskedSizes, maskedWindows, readText, testMasked } from "../length/masked";
import { learn, likeliest } from "../synthesizer/learn";
import { type ArmName, arms, prefixless } from "./arms";
import type { DecoderMetrics, DirectionConfig, IdentityMetrics } from "./config";

const BATCH = 16;
const RATE = 3e-3;
/** Of fresh sequences. */
const TESTS = { batches: 10, batch: 100 } as const;
/** Of the generated text. */
const CHARACTERS = 60_000;

/** Trains an arm on a rule, and tests it on fresh sequences. */
export function* decoderTrial(config: DirectionConfig, rng: Rng): Generator<number, DecoderMetrics, void> {
  const { arm, width, tokens } = config;
  const model = arms[arm as ArmName]({ width, length: tokens }, rng.fork("weights")); // by checkDirection
  const curve = yield* learn(model, recipe(config, rng));
  const tests = batchesOf(config, TESTS.batch, rng.fork("tests"));
  let [loss, right] = [0, 0];
  for (let step = 0; step < TESTS.batches; step++) {
    const batch = tests(step);
    loss += scope(() => model.loss(...tensors(batch)).item()) / TESTS.batches;
    right += rightShare(model, batch) / TESTS.batches;
  }
  return { parameters: parameterCount(model), loss, accuracy: right, curve };
}

/** Two trainings, step by step: under the causal mask, and with a prefix of one token. */
export function* identityTrial(config: DirectionConfig, rng: Rng): Generator<number, IdentityMetrics, void> {
  const { width, tokens, steps } = config;
  const sizes = { width, length: tokens };
  const { batches } = recipe(config, rng);
  const runs = [arms.GPT, prefixless].map((make) =>
    train(make(sizes, rng.fork("weights")), { batches, steps, learningRate: RATE }),
  );
  const losses: number[][] = [];
  for (let step = 0; step < steps; step++) {
    losses.push(runs.map((run) => run.next().value!.loss)); // as many as there are steps
    yield (step + 1) / steps;
  }
  for (const run of runs) run.next(); // to their ends
  return {
    difference: losses.reduce((most, [a, b]) => Math.max(most, Math.abs(a! - b!)), 0),
    firstLoss: losses[0]![0]!,
    lastLoss: losses.at(-1)![0]!,
  };
}

/** Trains an encoder under a mask on characters of the generated text, of which some are hidden. */
export function* maskedTrial(config: DirectionConfig, rng: Rng): Generator<number, DecoderMetrics, void> {
  const { arm, width, tokens, steps } = config;
  const data = readText({ characters: CHARACTERS }, {});
  const mask = arm as MaskName; // by checkDirection
  const model = encoder(
    gpt(
      { vocabulary: maskedSizes(data).vocabulary, context: tokens, width, position: "rope", mask },
      rng.fork("weights"),
    ),
  );
  const batches = maskedWindows(data, { batch: BATCH, context: tokens, rng: rng.fork("training") });
  const curve = yield* learn(model, { batches, steps, learningRate: RATE, tableRate: 1 });
  const tested = testMasked(model, data, { n: tokens, longest: tokens, rng: rng.fork("tests") });
  return { parameters: parameterCount(model), ...tested, curve };
}

function recipe(config: DirectionConfig, rng: Rng) {
  const batches = batchesOf(config, BATCH, rng.fork("training"));
  return { batches, steps: config.steps, learningRate: RATE, tableRate: 1 };
}

function batchesOf({ rule, tokens }: DirectionConfig, batch: number, rng: Rng): (step: number) => Batch {
  return transduction({ rule: rule as TransductionRule, length: tokens, batch, rng }); // by checkDirection
}

function tensors({ inputs, targets, batch, context }: Batch) {
  return [ids(inputs, [batch, context]), ids(targets, [batch, context])] as const;
}

/** The share of outputs that are the model's likeliest, each with the right ones before it. */
function rightShare(model: Gpt | EncoderDecoder, batch: Batch): number {
  const wanted = batch.targets.filter((target) => target !== IGNORED);
  const labels = scope(() => outputsOf(model, batch));
  return wanted.reduce((count, target, i) => count + Number(labels[i] === target), 0) / wanted.length;
}

/** The likeliest id at every place that has a target, row after row. */
function outputsOf(model: Gpt | EncoderDecoder, { inputs, targets, batch, context }: Batch): Int32Array {
  if (!(model instanceof EncoderDecoder))
    return likeliest(model.logits(ids(inputs, [batch, context]))).filter((_, i) => targets[i] !== IGNORED);
  const { sources } = model.config;
  const part = (first: boolean) => inputs.filter((_, i) => i % context < sources === first);
  const source = ids(part(true), [batch, sources]);
  return likeliest(model.logits(source, ids(part(false), [batch, context - sources])));
}
