// What does attention cost that never compares tokens (Tay et al. 2021, arXiv:2005.00743, table 1 and its remarks on speed)?
//
// One layer forward, without a mask, by itself: dot products in the fused kernel, synthesizers as they are. A random table's weights are the
// same for all sequences and all inputs, so they are made once and kept. By the count of multiply-adds, random should cost half of dot
// products where both matter alike, and dense nothing less: it trades one projection for another.
//
// We would change our mind if kept weights did not save a quarter, or if dense were much faster or much slower than dot products.
import { platform } from "#platform";
import { Attention } from "../attention/attention";
import { completeOptions } from "../attention/options";
import { Run } from "../nn/run";
import { weighValues } from "../ops/attention-products";
import { normal } from "../ops/random";
import { softmax } from "../ops/softmax";
import { reshape } from "../ops/view";
import type { Rng } from "../tensor/rng";
import { scope, type Tensor } from "../tensor/tensor";
import type { Experiment, Trial } from "./experiment";
import { rounded } from "./rounded";
import { macsPerToken } from "./synthesizer/cost";
import { speedFigures } from "./synthesizer/speed-figures";
import { variantSettings } from "./synthesizer/variants";

export type SpeedConfig = {
  /** Tokens of a sequence, and sequences. */
  readonly context: number;
  readonly batch: number;
  readonly width: number;
  readonly heads: number;
  /** Each variant is timed so often, all in turns, for about so many milliseconds each. */
  readonly rounds: number;
  readonly millisecondsEach: number;
};

export const TIMED = ["V", "R", "FR", "D", "FD"] as const;
export type TimedName = (typeof TIMED)[number];

export type SpeedMetrics = {
  /** Milliseconds of one forward, the median of the rounds. */
  readonly milliseconds: Readonly<Record<TimedName, number>>;
  /** Time over that of V: of R with its weights kept, of D. */
  readonly randomRatio: number;
  readonly denseRatio: number;
  /** Multiply-adds over those of V by the formulas. */
  readonly model: Readonly<Record<TimedName, number>>;
  /** The largest difference between the output from kept weights and the layer's own, over the largest output. */
  readonly difference: number;
  /** Root of the mean square of that output, which only the seed decides. */
  readonly outputSize: number;
};

export type SpeedTrial = Trial<SpeedConfig, SpeedMetrics>;

const base = { width: 64, heads: 4 } as const;
/** Where the claims are judged. */
const JUDGED = { context: 256, batch: 8 } as const;
/** Of float32 sums in another order. */
const CLOSE = 1e-5;

export const synthesizerSpeed: Experiment<SpeedConfig, SpeedMetrics> = {
  name: "synthesizer-speed",
  question: "What does attention cost that never compares tokens?",
  paper: "Tay et al. 2021, Synthesizer: Rethinking Self-Attention for Transformer Models, arXiv:2005.00743",
  grid: {
    smoke: {
      configs: [{ ...base, context: 16, batch: 2, rounds: 3, millisecondsEach: 1 }],
      seeds: [0],
      budgetSeconds: 4,
    },
    full: {
      configs: [1, 8].flatMap((batch) =>
        [64, 128, 256, 512].map((context) => ({ ...base, context, batch, rounds: 15, millisecondsEach: 10 })),
      ),
      seeds: [0, 1, 2],
      budgetSeconds: 60,
    },
  },
  timed: ["milliseconds", "randomRatio", "denseRatio"],
  trial,
  claims: [
    {
      id: "kept-weights-save",
      statement: "A random table whose weights are kept saves what queries and keys cost.",
      source: "Tay et al. 2021, section 4 (60 % faster than dynamic convolution); own count of multiply-adds",
      expected: "time of R with kept weights over V at most 0.75 at 256 tokens, batch 8, mean over seeds",
      gate: "full",
      check: (trials) => ratioAt(trials, "randomRatio", "R", (ratio) => ratio <= 0.75),
    },
    {
      id: "dense-saves-nothing",
      statement: "Dense is no faster than dot products: it asks all positions instead of all keys.",
      source: "own count of multiply-adds: 3 d² + 2 n d against 4 d² + 2 n d",
      expected: "time of D over V from 0.8 to 1.2 at 256 tokens, batch 8, mean over seeds",
      gate: "full",
      check: (trials) => ratioAt(trials, "denseRatio", "D", (ratio) => ratio >= 0.8 && ratio <= 1.2),
    },
    {
      id: "kept-weights-agree",
      statement: "Weights that are kept give what the layer gives.",
      source: "own",
      expected: `outputs that differ by at most ${CLOSE} of the largest, everywhere`,
      gate: "smoke",
      check(trials) {
        const most = Math.max(...trials.map(({ metrics }) => metrics.difference));
        return { observed: most.toExponential(1), holds: most <= CLOSE };
      },
    },
  ],
  figures: speedFigures,
};

function ratioAt(
  trials: readonly SpeedTrial[],
  metric: "randomRatio" | "denseRatio",
  name: TimedName,
  rule: (ratio: number) => boolean,
) {
  const found = trials.filter(
    ({ config }) => config.context === JUDGED.context && config.batch === JUDGED.batch,
  );
  if (found.length === 0) return undefined;
  const ratio = found.reduce((sum, { metrics }) => sum + metrics[metric], 0) / found.length;
  return {
    observed: `${name}/V ${ratio.toFixed(3)}, by multiply-adds ${found[0]!.metrics.model[name]}`, // there is one
    holds: rule(ratio),
  };
}

function* trial(config: SpeedConfig, rng: Rng): Generator<number, SpeedMetrics, void> {
  const { context, batch, rounds, millisecondsEach } = config;
  const x = normal([batch, context, config.width], { rng: rng.fork("x") }).keep();
  const layers = Object.fromEntries(
    TIMED.map((name) => [name, makeLayer(config, name, rng.fork(name))]),
  ) as Record<TimedName, Attention>; // one for each name
  const kept = scope(() => keptWeights(layers.R, context)).keep();
  const forward = {
    ...Object.fromEntries(TIMED.map((name) => [name, () => apply(layers[name], x)])),
    R: () => withWeights(layers.R, x, kept, config),
  } as Record<TimedName, () => Tensor>; // one for each name
  const [own, fromKept] = scope(() => [apply(layers.R, x).values(), forward.R().values()] as const);
  const calls = Object.fromEntries(TIMED.map((name) => [name, callsFor(forward[name], millisecondsEach)]));
  const times = new Map<TimedName, number[]>(TIMED.map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const name of TIMED) times.get(name)!.push(timeOf(forward[name], calls[name]!));
    yield (round + 1) / rounds;
  }
  kept.release();
  x.release();
  const milliseconds = byName((name) => median(times.get(name)!));
  const macs = (name: TimedName) => macsPerToken({ ...settings(config, name) }, context, batch);
  return {
    milliseconds,
    randomRatio: ratio(milliseconds.R, milliseconds.V),
    denseRatio: ratio(milliseconds.D, milliseconds.V),
    // What is made of tables alone is kept, too, or shared by all sequences.
    model: byName((name) => ratio(macs(name), macs("V"))),
    difference: relative(fromKept, own),
    outputSize: rounded(Math.sqrt(own.reduce((sum, value) => sum + value * value, 0) / own.length)),
  };
}

function settings({ context, width, heads }: SpeedConfig, name: TimedName) {
  const chosen = variantSettings(name);
  const attention = chosen.attention ?? "dot-product";
  return { ...completeOptions("synthesizer-speed", chosen), attention, context, width, heads };
}

function makeLayer(config: SpeedConfig, name: TimedName, rng: Rng): Attention {
  const names = { position: "none", index: "plain", scale: "inverse-sqrt", normalizer: "softmax" } as const;
  const deviation = 1 / Math.sqrt(config.width);
  return new Attention(
    { ...names, mask: "bidirectional", ...settings(config, name), kvHeads: config.heads, bias: false },
    { layer: 0, deviation, outputDeviation: deviation, rng },
  );
}

function apply(layer: Attention, x: Tensor): Tensor {
  const at = Float64Array.from({ length: x.shape[1]! }, (_, i) => i); // [B, T, C]
  return layer.apply(x, { run: new Run(), position: {}, places: { at, gap: 1 } });
}

/** The weights of a layer whose scores are the same for whatever input, [1, H, T, T]. */
function keptWeights({ scores }: Attention, context: number): Tensor {
  if (!("table" in scores)) throw new Error("synthesizer-speed: a table is needed");
  const table = scores.table as Tensor; // a random synthesizer's
  return softmax(reshape(table, [1, table.shape[0]!, context, context]));
}

/** What the layer does but for its weights. */
function withWeights(layer: Attention, x: Tensor, weights: Tensor, config: SpeedConfig): Tensor {
  const { batch, context, width, heads } = config;
  const values = reshape(layer.value.apply(x), [batch, context, heads, width / heads]);
  return layer.output.apply(reshape(weighValues(weights, values), [batch, context, width]));
}

function relative(a: Float32Array, b: Float32Array): number {
  const largest = b.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0) / largest;
}

/** Calls that take about so long, after enough of them to be compiled. */
function callsFor(run: () => Tensor, milliseconds: number): number {
  let calls = 1;
  while (timeOf(run, calls) * calls < milliseconds) calls *= 2;
  return calls;
}

/** Milliseconds of a call. */
function timeOf(run: () => Tensor, calls: number): number {
  const began = platform.milliseconds();
  for (let i = 0; i < calls; i++) scope(() => void run());
  return (platform.milliseconds() - began) / calls;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

function byName(of: (name: TimedName) => number): Record<TimedName, number> {
  // One entry for each name.
  return Object.fromEntries(TIMED.map((name) => [name, of(name)])) as Record<TimedName, number>;
}

function ratio(a: number, b: number): number {
  return Math.round((1000 * a) / b) / 1000;
}
