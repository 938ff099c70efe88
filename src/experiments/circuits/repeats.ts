// Random repeats as a task for circuits: blocks of distinct symbols, tiled, each sequence with a period of its own. Some pairs of symbols
// never follow each other while training: who gets those right has copied them.
import { type AttentionPattern, attentionPatterns } from "../../analysis/probe";
import { BOS, type RepeatedBatch, repeatedSequences } from "../../data/repeated-sequences";
import type { LanguageModel } from "../../models/model";
import { tokenLosses } from "../../ops/crossentropy";
import type { Rng } from "../../tensor/rng";
import { floats, ids, scope } from "../../tensor/tensor";

const SYMBOLS = 32;
/** Tokens of a sequence, the first included. */
const TOKENS = 49;
export const repeatsSizes = { vocabulary: SYMBOLS + 1, context: TOKENS } as const;

/** Held out of training: symbols 1 and 2 are never followed by 29 to 32, at the seam of two blocks neither. */
export function isHeldOut(symbol: number, next: number): boolean {
  return symbol >= 1 && symbol <= 2 && next >= 29;
}

export interface RepeatsTask {
  readonly batch: number;
  /** Shortest and longest; both the same is the task that one layer solves by looking a fixed distance back. */
  readonly periods: readonly [shortest: number, longest: number];
}

/** Training batches without the pairs that are held out. */
export function repeatsBatches({ batch, periods }: RepeatsTask, rng: Rng): (step: number) => RepeatedBatch {
  return repeatedSequences({ batch, periods, context: TOKENS - 1, symbols: SYMBOLS, banned: isHeldOut, rng });
}

/** What models are measured on, the same at every step of a trial. */
export interface RepeatsSets {
  /** As in training, with nothing held out. */
  readonly sequences: RepeatedBatch;
  /** Those among them, and many more, in which a pair stands that was held out. */
  readonly withHeldOut: RepeatedBatch;
  /** Of random symbols told four times, a period of 12: what scores of heads are measured on. */
  readonly samples: readonly Int32Array[];
}

const SEQUENCES = 128;
const DRAWN = 2048;
const SAMPLES = 10;
const SAMPLE_PERIOD = 12;

export function repeatsSets({ periods }: Pick<RepeatsTask, "periods">, rng: Rng): RepeatsSets {
  const draw = (batch: number, purpose: string) =>
    repeatedSequences({ batch, periods, context: TOKENS - 1, symbols: SYMBOLS, rng: rng.fork(purpose) })(0);
  const many = draw(DRAWN, "held-out pairs");
  const width = many.context;
  const rows = Array.from({ length: DRAWN }, (_, row) => row).filter((row) =>
    many.inputs
      .subarray(row * width, (row + 1) * width)
      .some((symbol, i) => isHeldOut(symbol, many.targets[row * width + i]!)),
  );
  return {
    sequences: draw(SEQUENCES, "sequences"),
    withHeldOut: rowsOf(many, rows.slice(0, SEQUENCES)),
    samples: Array.from({ length: SAMPLES }, (_, sample) =>
      repeatedSample(rng.fork("sample", sample), SAMPLE_PERIOD, (TOKENS - 1) / SAMPLE_PERIOD),
    ),
  };
}

/** BOS, then `repeats` times a block of `period` distinct tokens of 1 .. symbols. */
export function repeatedSample(rng: Rng, period: number, repeats: number, symbols = SYMBOLS): Int32Array {
  const all = Array.from({ length: symbols }, (_, i) => i + 1);
  const block = rng.shuffle(all).slice(0, period);
  return Int32Array.of(BOS, ...Array.from({ length: repeats }, () => block).flat());
}

function rowsOf(
  { inputs, targets, periods, context }: RepeatedBatch,
  rows: readonly number[],
): RepeatedBatch {
  const taken = (all: Int32Array) =>
    Int32Array.from(rows.flatMap((row) => Array.from(all.subarray(row * context, (row + 1) * context))));
  return {
    ...{ inputs: taken(inputs), targets: taken(targets), batch: rows.length, context },
    periods: Int32Array.from(rows, (row) => periods[row]!),
  };
}

/** Nats of every target, [batch, context], and whether it was the likeliest token. */
export interface Predictions {
  readonly losses: Float32Array;
  readonly right: Uint8Array;
}

export function predict(
  model: LanguageModel,
  { inputs, targets, batch, context }: Pick<RepeatedBatch, "inputs" | "targets" | "batch" | "context">,
): Predictions {
  return scope(() => {
    const logits = model.logits(ids(inputs, [batch, context]));
    const { losses } = tokenLosses(logits, ids(targets, [batch, context]));
    const values = floats(logits);
    const V = values.length / inputs.length;
    const right = Uint8Array.from(targets, (target, at) => {
      const row = values.subarray(at * V, (at + 1) * V);
      return row.every((logit, token) => token === target || logit < row[target]!) ? 1 : 0;
    });
    return { losses: losses.values(), right };
  });
}

/** Where the current symbol has been seen before, so that what follows it can be known. */
export function isSecondCopy({ periods, context }: RepeatedBatch, at: number): boolean {
  return at % context > periods[Math.floor(at / context)]!;
}

/** Where nothing can be known: inside of the first block. */
export function isFirstCopy({ periods, context }: RepeatedBatch, at: number): boolean {
  return at % context < periods[Math.floor(at / context)]!;
}

/** The patterns of each sample, and the samples. */
export function samplePatterns(
  model: LanguageModel,
  samples: readonly Int32Array[],
): readonly { readonly tokens: Int32Array; readonly patterns: readonly AttentionPattern[] }[] {
  return samples.map((tokens) => ({ tokens, patterns: attentionPatterns(model, tokens) }));
}
