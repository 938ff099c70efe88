// A trial of induction-heads: a small model learns random repeats, and is measured and kept every 25 steps.
import { type Curve, crossing, phaseChange } from "../../analysis/phase-change";
import { exp } from "../../math/exp";
import type { AttentionOnly } from "../../models/attention-only";
import { namedTensors } from "../../nn/module";
import type { Rng } from "../../tensor/rng";
import { saveModel } from "../../train/checkpoint";
import { pearson } from "../correlation";
import type { Trial, Yielded } from "../experiment";
import { rounded } from "../rounded";
import { type HeadView, headViews } from "./head-view";
import { byLayer, type InductionLook, inductionLook, pairAccuracy, watched } from "./induction-look";
import { learnCircuit } from "./learn";
import { type CircuitModel, circuitModel } from "./model";
import { repeatsBatches, repeatsSets, repeatsSizes } from "./repeats";

export type InductionConfig = CircuitModel & {
  /** Of the periods. */
  readonly shortest: number;
  readonly longest: number;
  readonly batch: number;
  readonly steps: number;
  readonly learningRate: number;
};

/** At the last step, but for what says otherwise. */
export type InductionMetrics = {
  readonly first: number;
  readonly second: number;
  readonly inContext: number;
  /** Best of all heads. */
  readonly bestPrefix: number;
  readonly bestPrevious: number;
  /** Share of second copies whose likeliest token is right: of pairs that training had, and of those held out. */
  readonly knownPairs: number;
  readonly heldOutPairs: number;
  /** Largest fall of `second` in 25 steps. */
  readonly drop: number;
  /** The step at which `second` passes 1.5, the best prefix score .5, the in-context score -2; null where one never does. */
  readonly lossStep: number | null;
  readonly prefixStep: number | null;
  readonly inContextStep: number | null;
  /** Steps from 2.8 to 0.3 of `second`. */
  readonly width: number | null;
  /** Pearson's, over all looks, of the best prefix score and minus the in-context score. */
  readonly correlation: number;
  /** What smeared keys keep of their own token, [layers][heads]; empty where they are not smeared. */
  readonly ownShare: readonly (readonly number[])[];
  readonly looks: readonly InductionLook[];
  /** The sequence of the looks' patterns. */
  readonly shown: readonly number[];
  /** The heads on it at the end; the target of its last token is the symbol that would be repeated. */
  readonly heads: readonly HeadView[];
};

export type InductionTrial = Trial<InductionConfig, InductionMetrics>;

export function* inductionTrial(
  config: InductionConfig,
  rng: Rng,
): Generator<Yielded, InductionMetrics, void> {
  const { batch, steps, learningRate, shortest, longest } = config;
  const task = { batch, periods: [shortest, longest] } as const;
  const model = circuitModel(config, repeatsSizes, rng.fork("weights"));
  const sets = watched(repeatsSets(task, rng.fork("sets")), model, rng.fork("watched"));
  const looks = yield* learnCircuit(model, {
    batches: repeatsBatches(task, rng.fork("training")),
    look: (step) => inductionLook(model, step, sets),
    keep: (step) => ({ name: `step-${step}.safetensors`, bytes: saveModel(model) }),
    ...{ steps, learningRate },
  });
  return {
    ...summary(looks),
    knownPairs: pairAccuracy(model, sets.sequences, false),
    heldOutPairs: pairAccuracy(model, sets.withHeldOut, true),
    ownShare: ownShares(model),
    looks,
    shown: Array.from(sets.shown),
    heads: headViews(model, sets.shown, targetsOf(sets.shown)),
  };
}

/** The tokens after: after the last block the first symbol of it. */
export function targetsOf(shown: readonly number[] | Int32Array): number[] {
  return [...shown.slice(1), shown[1]!]; // BOS and a block at least
}

export function bestPrefix({ prefix }: InductionLook): number {
  return Math.max(...prefix.flat());
}

function summary(looks: readonly InductionLook[]) {
  const last = looks.at(-1)!; // there is one before the first step
  const curve = (value: (look: InductionLook) => number): Curve =>
    looks.map((look) => [look.step, value(look)]);
  const change = phaseChange(curve(({ second }) => second));
  const passes = (value: (look: InductionLook) => number, level: number, direction: "up" | "down") =>
    stepOrNull(crossing(curve(value), level, direction));
  return {
    ...{ first: last.first, second: last.second, inContext: last.inContext },
    bestPrefix: bestPrefix(last),
    bestPrevious: Math.max(...last.previous.flat()),
    drop: rounded(change.drop),
    lossStep: stepOrNull(change.step),
    width: stepOrNull(change.width),
    prefixStep: passes(bestPrefix, 0.5, "up"),
    inContextStep: passes(({ inContext }) => inContext, -2, "down"),
    correlation: rounded(
      pearson(
        looks.map(bestPrefix),
        looks.map(({ inContext }) => -inContext),
      ),
    ),
  };
}

function stepOrNull(step: number | undefined): number | null {
  return step === undefined ? null : Math.round(step);
}

/** The sigmoids of what was learned. */
function ownShares(model: AttentionOnly): number[][] {
  const shares = [...namedTensors(model)]
    .filter(([name]) => name.endsWith(".shares"))
    .flatMap(([, alpha]) => Array.from(alpha.values(), (a) => rounded(1 / (1 + exp(-a)))));
  return shares.length === 0 ? [] : byLayer(model, shares);
}
