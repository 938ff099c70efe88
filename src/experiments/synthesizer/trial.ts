// A trial that the synthesizer experiments share: a variant learns a task of tokens to labels, and its accuracy, cost, attention and the
// weights of its mixture are kept.
import type { Batch } from "../../data/batches";
import { recall, recallSizes } from "../../data/recall";
import { reversal, reversalSizes } from "../../data/reversal";
import { translation, translationSizes } from "../../data/translation";
import { type Tagger, tagger } from "../../models/tagger";
import { parameterCount } from "../../nn/module";
import type { Rng } from "../../tensor/rng";
import type { Trial } from "../experiment";
import { rounded } from "../rounded";
import { macsPerToken } from "./cost";
import { accuracy, learn, look } from "./learn";
import { variantSettings } from "./variants";

export type SynthesizerConfig = {
  readonly task: string;
  /** A name in variants.ts. */
  readonly variant: string;
  /** N: tokens at most, and for recall the number of pairs and one. */
  readonly context: number;
  readonly width: number;
  readonly heads: number;
  readonly layers: number;
  readonly steps: number;
  readonly batch: number;
  readonly learningRate: number;
  /** Learning rate of tables over that of weights. */
  readonly tableRate: number;
  /** Initial deviation of random tables; 0 as each variant has it. */
  readonly spread: number;
};

export type SynthesizerMetrics = {
  /** Share of labels that are right, on fresh sequences. */
  readonly accuracy: number;
  readonly parameters: number;
  /** Multiply-adds of the attention of one token by the formulas, all layers, at full length. */
  readonly macs: number;
  /** Pairs of step and loss. */
  readonly curve: readonly (readonly [number, number])[];
  /** First layer, one sequence: [H][T][T]. */
  readonly maps: readonly (readonly (readonly number[])[])[];
  /** [L][H][M], empty without a mixture. */
  readonly alpha: readonly (readonly (readonly number[])[])[];
};

export type SynthesizerTrial = Trial<SynthesizerConfig, SynthesizerMetrics>;

interface Task {
  readonly sizes: Parameters<typeof tagger>[0];
  batches(batch: number, rng: Rng): (step: number) => Batch;
}

const tasks = {
  translation: (context) => ({
    sizes: { ...translationSizes, context },
    batches: (batch, rng) => translation({ batch, context, rng }),
  }),
  reversal: (context) => ({
    sizes: { ...reversalSizes, context },
    batches: (batch, rng) => reversal({ batch, context, rng }),
  }),
  "reversal-varying": (context) => ({
    sizes: { ...reversalSizes, context },
    batches: (batch, rng) => reversal({ batch, context, rng, shortest: context / 2 }),
  }),
  recall: (context) => ({
    sizes: recallSizes(context - 1),
    batches: (batch, rng) => recall({ batch, pairs: context - 1, rng }),
  }),
} as const satisfies Record<string, (context: number) => Task>;

export type TaskName = keyof typeof tasks;
const EVALUATION_BATCH = 100;

/** @throws Error for a task or a variant that there is not, and for sizes that do not fit */
export function checkSynthesizer(config: SynthesizerConfig): void {
  taskOf(config);
  variantSettings(config.variant);
}

export function* synthesizerTrial(
  config: SynthesizerConfig,
  rng: Rng,
): Generator<number, SynthesizerMetrics, void> {
  const { context, batch, steps, learningRate, tableRate } = config;
  const task = taskOf(config);
  const model = makeModel(config, task, rng.fork("weights"));
  const curve = yield* learn(model, {
    batches: task.batches(batch, rng.fork("training")),
    ...{ steps, learningRate, tableRate },
  });
  const { inputs } = fullLength(task, model, rng.fork("look"));
  return {
    accuracy: rounded(accuracy(model, task.batches(EVALUATION_BATCH, rng.fork("evaluation")))),
    parameters: parameterCount(model),
    macs: Math.round(config.layers * macsPerToken(model.config, context, batch)),
    curve,
    ...look(model, inputs),
  };
}

function makeModel(config: SynthesizerConfig, { sizes }: Task, rng: Rng): Tagger {
  const { variant, width, heads, layers, spread } = config;
  return tagger({ ...sizes, width, heads, layers, spread, ...variantSettings(variant) }, rng);
}

/** One sequence without padding. */
function fullLength(task: Task, { config }: Tagger, rng: Rng): { inputs: Int32Array } {
  const batches = task.batches(1, rng);
  for (let step = 0; ; step++) {
    const { inputs } = batches(step);
    if (config.pad < 0 || !inputs.includes(config.pad)) return { inputs };
  }
}

function taskOf({ task, context }: SynthesizerConfig): Task {
  const found = Object.entries(tasks).find(([name]) => name === task);
  if (found) return found[1](context);
  throw new Error(`synthesizer: task must be one of ${Object.keys(tasks).join(", ")}, got "${task}"`);
}

// What claims ask of trials

/** Mean of the accuracies of these trials; `undefined` without any. */
export function meanAccuracy(
  trials: readonly SynthesizerTrial[],
  wanted: Partial<SynthesizerConfig>,
): number | undefined {
  const found = trials.filter(({ config }) =>
    Object.entries(wanted).every(([key, value]) => config[key as keyof SynthesizerConfig] === value),
  );
  if (found.length === 0) return undefined;
  return found.reduce((sum, { metrics }) => sum + metrics.accuracy, 0) / found.length;
}

/** "V 0.968, R 1.000": means by variant; `undefined` unless all are there. */
export function means(
  trials: readonly SynthesizerTrial[],
  task: TaskName,
  names: readonly string[],
  more: Partial<SynthesizerConfig> = {},
): { readonly of: (name: string) => number; readonly text: string } | undefined {
  const found = names.map((variant) => [variant, meanAccuracy(trials, { task, variant, ...more })] as const);
  if (found.some(([, mean]) => mean === undefined)) return undefined;
  const known = new Map(found);
  return {
    of: (name) => known.get(name) ?? Number.NaN,
    text: found.map(([name, mean]) => `${name} ${mean!.toFixed(4)}`).join(", "), // none is missing
  };
}
