// One run of the recipe that all synthesizer experiments share: Adam, warm-up and cosine, tables at a rate of their own; then accuracy on
// fresh sequences, and a look at attention.
import { Mixture } from "../../attention/mixture";
import { type Batch, IGNORED } from "../../data/batches";
import type { Trainable } from "../../models/model";
import type { Tagger } from "../../models/tagger";
import { namedParameters } from "../../nn/module";
import { columns } from "../../tensor/shape";
import { floats, ids, scope, type Tensor } from "../../tensor/tensor";
import { adamw } from "../../train/optimizer";
import { warmupCosine } from "../../train/schedule";
import { train } from "../../train/trainer";
import { rounded } from "../rounded";

export interface Recipe {
  readonly batches: (step: number) => Batch;
  readonly steps: number;
  readonly learningRate: number;
  readonly tableRate: number;
  readonly warmup?: number;
}

const WARMUP = 50;
const CURVE_POINTS = 50;

/** Trains in place, yields the share done, and returns pairs of step and loss for a curve. */
export function* learn(model: Trainable, recipe: Recipe): Generator<number, [number, number][]> {
  const { batches, steps, learningRate, tableRate, warmup = WARMUP } = recipe;
  const optimizer = adamw(namedParameters(model), { beta2: 0.98, weightDecay: 0, tableRate });
  const curve: [number, number][] = [];
  const stride = Math.max(1, Math.floor(steps / CURVE_POINTS));
  const rate = warmupCosine({ learningRate, warmup: Math.min(warmup, steps), steps });
  for (const { step, loss } of train(model, { batches, steps, learningRate: rate, optimizer })) {
    if (step === 1 || step % stride === 0) curve.push([step, rounded(loss)]);
    yield step / steps;
  }
  optimizer.release();
  return curve;
}

const EVALUATION_BATCHES = 20;

/** The share of targets that the model's likeliest label hits, over the first batches of a function that training never saw. */
export function accuracy(model: Tagger, batches: (step: number) => Batch): number {
  let right = 0;
  let asked = 0;
  for (let step = 0; step < EVALUATION_BATCHES; step++) {
    const batch = batches(step);
    const { fields } = model.config;
    const labels = scope(() => likeliest(model.logits(ids(batch.inputs, [batch.batch, batch.context]))));
    for (let i = 0; i < labels.length; i++) {
      const target = batch.targets[i * fields]!;
      if (target === IGNORED) continue;
      asked += 1;
      if (labels[i] === target) right += 1;
    }
  }
  return right / asked;
}

/** The likeliest column of every row of logits. */
export function likeliest(logits: Tensor): Int32Array {
  const count = columns(logits);
  const values = floats(logits);
  return Int32Array.from({ length: values.length / count }, (_, row) => {
    let best = 0;
    for (let c = 1; c < count; c++) {
      if (values[row * count + c]! > values[row * count + best]!) best = c;
    }
    return best;
  });
}

export interface Look {
  /** The first layer's attention weights on one sequence, head by head: [H][T][T], to three digits. */
  readonly maps: readonly (readonly (readonly number[])[])[];
  /** The weights of a mixture's members by layer and head, [L][H][M]; empty where there is no mixture. */
  readonly alpha: readonly (readonly (readonly number[])[])[];
}

/** @param inputs ids of one sequence without padding */
export function look(model: Tagger, inputs: Int32Array): Look {
  const alpha = model.blocks.map(({ attention }) => {
    const { scores } = attention;
    return scores instanceof Mixture ? scope(() => rowsOf(scores.alpha())) : [];
  });
  let maps: number[][][] = [];
  const weights = (w: Tensor) => {
    const [, H, T, S] = w.shape as [number, number, number, number]; // [1, H, T, S]
    const rows = rowsOf(w);
    maps = Array.from({ length: H }, (_, h) => rows.slice(h * T, (h + 1) * T).map((row) => row.slice(0, S)));
  };
  scope(() => {
    model.logits(ids(inputs, [1, inputs.length]), { taps: { "blocks.0.attention.weights": weights } });
  });
  return { maps, alpha: alpha.some(({ length }) => length > 0) ? alpha : [] };
}

function rowsOf(x: Tensor): number[][] {
  const count = columns(x);
  const values = Array.from(x.values(), rounded);
  return Array.from({ length: values.length / count }, (_, row) =>
    values.slice(row * count, (row + 1) * count),
  );
}
