// Masked characters: an encoder learns to say what stood where a text is masked, and is asked at other lengths of the same text.
import { type Batch, IGNORED, windows } from "../../data/batches";
import { grammarText } from "../../data/grammar";
import { type Corpus, corpus } from "../../data/text";
import type { Trainable } from "../../models/model";
import type { RunOptions } from "../../nn/run";
import { crossEntropy, tokenLosses } from "../../ops/crossentropy";
import type { Rng } from "../../tensor/rng";
import { floats, ids, scope, type Tensor } from "../../tensor/tensor";
import type { Inputs } from "../experiment";
import { likeliest } from "../synthesizer/learn";

export interface TextSettings {
  /** Of the text, from its start, white space collapsed; the last tenth is held out. */
  readonly characters: number;
}

/** @throws Error for a text that is empty or of one distinct character */
export function readText({ characters }: TextSettings, { text }: Inputs): Corpus {
  return corpus((text ?? grammarText({ characters })).replace(/\s+/g, " ").slice(0, characters));
}

/**
 * Refuses a text whose parts hold no whole sequence.
 * @throws Error when the training part has fewer than trained + 1 characters or the held-out tenth fewer than longest + 1
 */
export function expectText(
  settings: TextSettings & { readonly trained: number; readonly longest: number },
  inputs: Inputs,
): void {
  const { train, heldOut } = readText(settings, inputs);
  for (const [part, found, needed] of [
    ["training part", train.length, settings.trained + 1],
    ["held-out tenth", heldOut.length, settings.longest + 1],
  ] as const) {
    if (found < needed)
      throw new Error(
        `length: the ${part} of the text must have at least ${needed} characters, got ${found}; use a longer text or shorter sequences`,
      );
  }
}

/** As BERT does, but that a chosen character is always masked. */
const SHARE = 0.15;

/** What a model of masked characters takes and gives: the last id is the mask. */
export function maskedSizes({ tokenizer }: Corpus) {
  const outputs = tokenizer.vocabulary.length;
  return { vocabulary: outputs + 1, outputs };
}

/** Windows of the training part as a function of the step; `context` may differ from step to step. */
export function maskedWindows(
  data: Corpus,
  { batch, context, rng }: { batch: number; context: number; rng: Rng },
): (step: number) => Batch {
  const windowed = windows(data.train, { batch, context, rng });
  return (step) => {
    const { inputs } = windowed(step);
    return { ...hidden(inputs, data, rng.fork("masked", step)), batch, context };
  };
}

export interface Masked extends Trainable {
  /** ids [B, T] give logits [B, T, V], or with a column for the mask [B, T, V + 1]. */
  logits(ids: Tensor, options?: RunOptions): Tensor;
}

/** A language model as an encoder: what it learns is what it is asked for, not what comes next. */
export function encoder<M extends Pick<Masked, "logits">>(model: M): Masked & { readonly model: M } {
  const logits = (tokens: Tensor, options?: RunOptions) => model.logits(tokens, options);
  return {
    model,
    logits,
    loss: (tokens, targets, options) => crossEntropy(logits(tokens, options), targets),
  };
}

/** Characters of one test batch. */
const TESTED_TOGETHER = 2048;

/**
 * The held-out part in windows of n characters, masked in the same places for every n up to `longest`: share of masked characters that
 * the likeliest output hits, and their loss in nats.
 */
export function testMasked(
  model: Masked,
  data: Corpus,
  { n, longest, rng }: { n: number; longest: number; rng: Rng },
): { readonly accuracy: number; readonly loss: number } {
  const whole = data.heldOut.subarray(0, data.heldOut.length - (data.heldOut.length % longest));
  const { inputs, targets } = hidden(whole, data, rng);
  const rows = inputs.length / n;
  const batch = Math.max(1, Math.floor(TESTED_TOGETHER / n));
  let [right, loss, asked] = [0, 0, 0];
  for (let row = 0; row < rows; row += batch) {
    const count = Math.min(batch, rows - row);
    const part = <A extends Int32Array>(values: A) => values.subarray(row * n, (row + count) * n);
    const wanted = part(targets);
    scope(() => {
      const logits = model.logits(ids(part(inputs), [count, n]));
      const labels = likeliest(logits);
      wanted.forEach((target, i) => {
        if (target === IGNORED) return;
        asked += 1;
        if (labels[i] === target) right += 1;
      });
      loss += floats(tokenLosses(logits, ids(wanted, [count, n])).losses).reduce((sum, x) => sum + x, 0);
    });
  }
  return { accuracy: right / asked, loss: loss / asked };
}

/** The ids with some masked, and what stood there as targets; one at least. */
function hidden(tokens: Int32Array, data: Corpus, rng: Rng): Pick<Batch, "inputs" | "targets"> {
  const { vocabulary } = maskedSizes(data);
  const inputs = tokens.slice();
  const targets = new Int32Array(tokens.length).fill(IGNORED);
  const first = rng.integer(tokens.length);
  for (let i = 0; i < tokens.length; i++) {
    if (i !== first && rng.uniform() >= SHARE) continue;
    targets[i] = tokens[i]!;
    inputs[i] = vocabulary - 1;
  }
  return { inputs, targets };
}
