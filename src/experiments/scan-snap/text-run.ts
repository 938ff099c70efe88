// One run on a text as `scan-snap-text` watches it: entropy and maps of attention over training.

import { meanEntropy } from "../../analysis/entropy";
import { attentionPatterns } from "../../analysis/probe";
import { windows } from "../../data/batches";
import { grammarText } from "../../data/grammar";
import { type Corpus, corpus, expectContext } from "../../data/text";
import { UNKNOWN, wordTokenizer } from "../../data/tokenizer";
import { namedParameters } from "../../nn/module";
import type { Rng } from "../../tensor/rng";
import type { Tensor } from "../../tensor/tensor";
import { evaluate } from "../../train/evaluate";
import { adamw, type Optimizer, sgd } from "../../train/optimizer";
import { DivergedError, train } from "../../train/trainer";
import type { Inputs, Trial } from "../experiment";
import { TextModel } from "./text-model";

export type TextConfig = {
  /** The file of the text and its digest; "" for the generated one. */
  readonly text: string;
  readonly textDigest: string;
  readonly optimizer: string;
  readonly learningRate: number;
  readonly layers: number;
  readonly width: number;
  readonly context: number;
  readonly batch: number;
  readonly steps: number;
  readonly dropout: number;
  /** Words that are tokens of their own, at most. */
  readonly words: number;
};

type Curve = readonly (readonly [step: number, value: number])[];

export type TextMetrics = {
  /** Nats: mean over held-out windows and tokens of the entropy of a token's attention in the lowest layer. */
  readonly startEntropy: number;
  readonly finalEntropy: number;
  readonly leastEntropy: number;
  readonly leastStep: number;
  /** |change over the last fifth of the steps| as a share of the whole change. */
  readonly lateChange: number;
  /** Median over tokens of the largest weight, in the lowest layer at the end. */
  readonly medianMaximum: number;
  /** Nats per held-out word; null where the run diverged. */
  readonly heldOut: number | null;
  /** Steps that were taken: fewer than asked for where the run diverged. The other numbers are of the last sound look at it. */
  readonly stepsTaken: number;
  /** Layer by layer. */
  readonly entropy: readonly Curve[];
  readonly loss: Curve;
  /** The lowest layer on one held-out window, in thousandths. */
  readonly tokens: readonly string[];
  readonly maps: readonly { readonly step: number; readonly weights: readonly (readonly number[])[] }[];
};

export type TextTrial = Trial<TextConfig, TextMetrics>;

export const textChoices = { optimizer: ["sgd", "adam"] } as const;

const CLIP = 0.5;
/** A token that is not a mere sign. */
const WORD = /[\p{L}\p{N}]/u;
/** The lowest layer's MLP learns at twice the rate (the paper: 10 where the others have 5). */
const LOWEST_MLP = /^blocks\.0\.mlp\..*weight$/;
const FASTER = 2;
const LOOKS = 15;
const WINDOWS = 8;
const LOSS_POINTS = 60;

export function* textTrial(
  config: TextConfig,
  rng: Rng,
  inputs: Inputs,
): Generator<number, TextMetrics, void> {
  const data = textCorpus(config, inputs);
  const { context, batch, steps, learningRate } = config;
  const vocabulary = data.tokenizer.vocabulary.length;
  const model = new TextModel({ ...config, vocabulary }, rng.fork("weights"));
  const held = Array.from({ length: WINDOWS }, (_, i) => {
    const start = Math.floor((i * (data.heldOut.length - context)) / WINDOWS);
    return data.heldOut.subarray(start, start + context);
  });
  const entropy: [number, number][][] = Array.from({ length: config.layers }, () => []);
  const maps: { step: number; weights: number[][] }[] = [];
  const loss: [number, number][] = [];
  let medianMaximum = 0;
  /** Whether attention still consists of numbers. */
  const look = (step: number): boolean => {
    const patterns = held.map((window) => attentionPatterns(model, window));
    if (!patterns.flat().every(({ weights }) => weights.every(Number.isFinite))) return false;
    for (const [layer, curve] of entropy.entries())
      curve.push([step, mean(patterns.map((layers) => meanEntropy(layers[layer]!.weights, context)))]);
    medianMaximum = median(patterns.flatMap((layers) => rowMaxima(layers[0]!.weights, context)));
    maps.push({ step, weights: thousandths(patterns[0]![0]!.weights, context) });
    return true;
  };
  const optimizer = recipeOptimizer(config.optimizer, namedParameters(model));
  const training = train(model, {
    batches: windows(data.train, { batch, context, rng: rng.fork("windows") }),
    steps,
    learningRate,
    optimizer,
    clip: CLIP,
    rng: rng.fork("dropout"),
  });
  const stride = Math.max(1, Math.floor(steps / LOOKS));
  const lossStride = Math.max(1, Math.floor(steps / LOSS_POINTS));
  let stepsTaken = 0;
  let sound = look(0);
  try {
    for (const metrics of training) {
      stepsTaken = metrics.step;
      if (stepsTaken === 1 || stepsTaken % lossStride === 0) loss.push([stepsTaken, metrics.loss]);
      if (stepsTaken % stride === 0 || stepsTaken === steps) sound = look(stepsTaken);
      if (!sound) break;
      yield stepsTaken / steps;
    }
  } catch (error) {
    // A rate may be too high to learn with: that is an answer.
    if (!(error instanceof DivergedError)) throw error;
    sound = false;
  } finally {
    optimizer.release();
  }
  return {
    ...summary(entropy[0]!),
    medianMaximum,
    heldOut: sound ? evaluate(model, data.heldOut).natsPerToken : null,
    stepsTaken,
    entropy,
    loss,
    tokens: Array.from(held[0]!, (id) => data.tokenizer.token(id)),
    maps,
  };
}

/** Of the lowest layer's curve. */
function summary(curve: Curve) {
  const [first, last] = [curve[0]!, curve.at(-1)!];
  const least = curve.reduce((best, point) => (point[1] < best[1] ? point : best));
  const late = curve.findLast(([step]) => step <= 0.8 * last[0]) ?? first;
  return {
    startEntropy: first[1],
    finalEntropy: last[1],
    leastEntropy: least[1],
    leastStep: least[0],
    lateChange: first === last ? 0 : Math.abs(last[1] - late[1]) / Math.abs(last[1] - first[1]),
  };
}

/** SGD with a faster lowest MLP, or Adam without decay. */
export function recipeOptimizer(optimizer: string, parameters: ReadonlyMap<string, Tensor>): Optimizer {
  if (optimizer === "adam") return adamw(parameters, { weightDecay: 0 });
  const names = [...parameters.keys()];
  const groups = [false, true].map((fast) => {
    const members = names.filter((name) => LOWEST_MLP.test(name) === fast);
    return {
      factor: fast ? FASTER : 1,
      members,
      update: sgd(new Map(members.map((name) => [name, parameters.get(name)!]))),
    };
  });
  let steps = 0;
  return {
    step(gradients, options) {
      steps += 1;
      for (const { factor, members, update } of groups) {
        const mine = members.map((name) => gradients[names.indexOf(name)]!);
        update.step(mine, { ...options, learningRate: factor * options.learningRate });
      }
    },
    get steps() {
      return steps;
    },
    state: () => new Map(),
    restore(saved) {
      steps = saved;
    },
    release() {
      for (const { update } of groups) update.release();
    },
  };
}

/** @throws Error for a text that is too short, or has fewer than two distinct words */
function textCorpus({ context, words }: TextConfig, { text }: Inputs): Corpus {
  const content = text ?? grammarText();
  const tokenizer = wordTokenizer(content, { maximum: words });
  const distinct = tokenizer.vocabulary.filter((token) => token !== UNKNOWN && WORD.test(token));
  if (distinct.length < 2) {
    const seen = distinct[0] === undefined ? "none" : `only "${distinct[0]}"`;
    throw new Error(`scan-snap-text: a text must have at least two distinct words, got ${seen}`);
  }
  const made = corpus(content, { tokenizer });
  expectContext(made.train, context);
  expectContext(made.heldOut, context);
  return made;
}

/** @throws Error that names the setting, or what the text lacks */
export function expectText(config: TextConfig, inputs: Inputs): void {
  if (inputs.text === undefined && config.text !== "")
    throw new RangeError(
      `scan-snap-text: text must come by --text FILE, got the name "${config.text}" alone`,
    );
  if (!(textChoices.optimizer as readonly string[]).includes(config.optimizer))
    throw new RangeError(
      `scan-snap-text: optimizer must be one of ${textChoices.optimizer.join(", ")}, got "${config.optimizer}"`,
    );
  if (!(config.learningRate > 0 && config.learningRate < Infinity))
    throw new RangeError(`scan-snap-text: learningRate must be above 0, got ${config.learningRate}`);
  if (!(config.dropout >= 0 && config.dropout < 1))
    throw new RangeError(`scan-snap-text: dropout must be in [0, 1), got ${config.dropout}`);
  const least = { layers: 1, width: 1, context: 2, batch: 1, steps: 1, words: 2 } as const;
  for (const [key, low] of Object.entries(least)) {
    const value = config[key as keyof typeof least]; // its own key
    if (!(Number.isInteger(value) && value >= low))
      throw new RangeError(`scan-snap-text: ${key} must be a whole number of at least ${low}, got ${value}`);
  }
  textCorpus(config, inputs);
}

function rowMaxima(weights: Float32Array, T: number): number[] {
  return Array.from({ length: T }, (_, i) => Math.max(...weights.subarray(i * T, (i + 1) * T)));
}

function thousandths(weights: Float32Array, T: number): number[][] {
  return Array.from({ length: T }, (_, i) =>
    Array.from(weights.subarray(i * T, (i + 1) * T), (weight) => Math.round(1000 * weight)),
  );
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
