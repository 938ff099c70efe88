// A trial of few-shot-sums: a model reads lines of sums, and is asked for answers that it was told before, and for others.
import { type SumBatch, sumIds, sumsSizes, sumToken, toldSums } from "../../data/told-sums";
import type { AttentionOnly } from "../../models/attention-only";
import { softmax } from "../../ops/softmax";
import { lastToken } from "../../ops/view";
import type { Rng } from "../../tensor/rng";
import { floats, ids, scope } from "../../tensor/tensor";
import type { Trial, Yielded } from "../experiment";
import { rounded } from "../rounded";
import { mean } from "../select";
import { type HeadView, headViews } from "./head-view";
import { learnCircuit } from "./learn";
import { type CircuitModel, circuitModel } from "./model";
import { predict } from "./repeats";

export type SumsConfig = CircuitModel & {
  readonly batch: number;
  readonly steps: number;
  readonly learningRate: number;
  /** Whether lines of training tell the sum, or any number, the same whenever they come again. */
  readonly answers: "right" | "wrong";
  /** Sequences of each kind that answers are counted over. */
  readonly sequences: number;
};

export type SumsMetrics = {
  /** Shares of answers right: of lines told for the first time, which must be calculated, and of lines told before. */
  readonly firstTrained: number;
  readonly firstHeldOut: number;
  readonly laterTrained: number;
  readonly laterHeldOut: number;
  /** Of lines whose told answer was wrong, when they come again: shares that repeat it, and that give the sum instead. */
  readonly repeatsWrong: number;
  readonly correctsWrong: number;
  /** Steps, with `repeatsWrong`: what only copying gives. */
  readonly curve: readonly (readonly [step: number, share: number])[];
  /** The prompt with examples, what comes after it, and the heads on it. */
  readonly shown: {
    readonly tokens: readonly string[];
    readonly likeliest: readonly { readonly word: string; readonly probability: number }[];
    readonly heads: readonly HeadView[];
  };
};

export type SumsTrial = Trial<SumsConfig, SumsMetrics>;

const PROMPT = "48 + 76 = 124 ; 57 + 45 = 102 ; 48 + 76 = 124 ; 57 + 45 = 102 ; 48 + 76 =";
const ANSWER = "124 ;";
const LIKELIEST = 3;

export function* sumsTrial(config: SumsConfig, rng: Rng): Generator<Yielded, SumsMetrics, void> {
  const { batch, steps, learningRate, sequences } = config;
  const model = circuitModel(config, sumsSizes, rng.fork("weights"));
  const draw = (pairs: "trained" | "held-out", answers: "right" | "wrong") =>
    toldSums({ batch: sequences, pairs, answers, rng: rng.fork(pairs, answers) })(0);
  const [trained, heldOut] = [draw("trained", "right"), draw("held-out", "right")];
  const wrong = draw("held-out", "wrong");
  const curve = yield* learnCircuit(model, {
    batches: toldSums({ batch, pairs: "trained", answers: config.answers, rng: rng.fork("training") }),
    look: (step): [number, number] => [step, rightShare(model, wrong, 2)],
    decay: "to-a-tenth",
    every: 50,
    ...{ steps, learningRate },
  });
  return {
    firstTrained: rightShare(model, trained, 1),
    firstHeldOut: rightShare(model, heldOut, 1),
    laterTrained: rightShare(model, trained, 2),
    laterHeldOut: rightShare(model, heldOut, 2),
    repeatsWrong: rightShare(model, wrong, 2),
    correctsWrong: rightShare(model, { ...wrong, targets: withSums(wrong) }, 2),
    curve,
    shown: shownPrompt(model),
  };
}

/** Of answers asked for the first time (1) or again (2), the share whose target is the likeliest token. */
function rightShare(model: AttentionOnly, batch: SumBatch, kind: 1 | 2): number {
  const { right } = predict(model, batch);
  return rounded(mean(Array.from(right).filter((_, at) => batch.asked[at] === kind)));
}

/** The sums in place of the answers that were told. */
function withSums({ targets, sums }: SumBatch): Int32Array {
  return targets.map((target, at) => sums[at]! || target);
}

function shownPrompt(model: AttentionOnly): SumsMetrics["shown"] {
  const tokens = sumIds(PROMPT);
  const answer = sumIds(ANSWER)[1]!; // BOS comes first
  const probabilities = scope(() =>
    floats(softmax(lastToken(model.logits(ids(tokens, [1, tokens.length]))))).slice(),
  );
  return {
    tokens: Array.from(tokens, sumToken),
    likeliest: Array.from(probabilities, (p, id) => ({ word: sumToken(id), probability: rounded(p) }))
      .sort((a, b) => b.probability - a.probability)
      .slice(0, LIKELIEST),
    heads: headViews(model, tokens, [...tokens.subarray(1), answer]),
  };
}
