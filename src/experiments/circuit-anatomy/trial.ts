// A trial of circuit-anatomy: a small model learns, and is then taken apart.
import { headName } from "../../analysis/circuits";
import { type CompositionKind, compositionBaseline, compositionScores } from "../../analysis/composition";
import { circuitsOf } from "../../analysis/model-circuits";
import type { AttentionOnly } from "../../models/attention-only";
import { type Rng, rng } from "../../tensor/rng";
import { learnCircuit } from "../circuits/learn";
import { type CircuitModel, checkCircuitModel, circuitModel } from "../circuits/model";
import { repeatsBatches } from "../circuits/repeats";
import type { Trial, Yielded } from "../experiment";
import {
  type ExpansionErrors,
  expansionErrors,
  type FactoringCheck,
  factoringCheck,
  type OrderLosses,
  orderLosses,
} from "./expansion";
import { type HeadAnatomy, headAnatomies } from "./heads";
import { type Ablations, ablations, type Patching, patching, skillOf } from "./interventions";
import { type Shown, shownRun } from "./shown";
import { anatomyTask, sizesOf, type TaskName } from "./task";
import { type Trigrams, trigramsOf } from "./trigrams";

export type AnatomyConfig = CircuitModel & {
  readonly task: TaskName;
  /** Of the periods of random repeats. */
  readonly shortest: number;
  readonly longest: number;
  readonly batch: number;
  readonly steps: number;
  readonly learningRate: number;
  readonly decay: "none" | "to-a-tenth";
};

export type CompositionScore = {
  readonly kind: CompositionKind;
  readonly from: string;
  readonly to: string;
  /** Minus the baseline: after training, and before. */
  readonly above: number;
  readonly aboveBefore: number;
};

export type AnatomyMetrics = {
  /** Mean nats where the answer stands before, and the late loss minus the early one. */
  readonly known: number;
  readonly inContext: number;
  readonly bestPrefix: number;
  readonly heads: readonly HeadAnatomy[];
  readonly headsBefore: readonly HeadAnatomy[];
  readonly baseline: number;
  /** Empty for one layer. */
  readonly composition: readonly CompositionScore[];
  readonly expansion: ExpansionErrors;
  readonly orders: OrderLosses;
  /** Of one layer. */
  readonly factoring: FactoringCheck | null;
  /** Of two layers that learned repeats. */
  readonly ablations: Ablations | null;
  readonly patching: Patching | null;
  /** Of one layer that learned names. */
  readonly trigrams: Trigrams | null;
  readonly shown: Shown;
};

export type AnatomyTrial = Trial<AnatomyConfig, AnatomyMetrics>;

/** Refuses a configuration before any trial starts. */
export function checkAnatomy(config: AnatomyConfig): void {
  const { task, layers, steps, batch, shortest, longest } = config;
  checkCircuitModel(config, sizesOf(task));
  for (const [name, count] of Object.entries({ layers, steps })) {
    if (!(Number.isInteger(count) && count >= 1))
      throw new Error(`circuit-anatomy: ${name} must be a whole number of at least 1, got ${count}`);
  }
  repeatsBatches({ batch, periods: [shortest, longest] }, rng(0)); // refuses sizes that cannot be
}

export function* anatomyTrial(config: AnatomyConfig, draws: Rng): Generator<Yielded, AnatomyMetrics, void> {
  const { batch, steps, learningRate, decay, shortest, longest } = config;
  const task = anatomyTask(config.task, { batch, periods: [shortest, longest] }, draws.fork("task"));
  const model = circuitModel(config, task.sizes, draws.fork("weights"));
  const headsBefore = headAnatomies(model, task);
  const before = compositionOf(model);
  yield* learnCircuit(model, {
    batches: task.batches,
    look: () => undefined,
    every: steps,
    ...{ steps, learningRate, decay },
  });
  const circuits = circuitsOf(model);
  const baseline = compositionBaseline(
    { width: config.width, headWidth: config.width / config.heads },
    draws.fork("baseline"),
  );
  const above = (score: number) => score - baseline;
  const induction = config.layers > 1 && config.task === "repeats";
  const heads = headAnatomies(model, task);
  return {
    ...skillOf(model, task),
    bestPrefix: Math.max(...heads.map(({ prefix }) => prefix)),
    heads,
    headsBefore,
    baseline,
    composition: compositionOf(model).map(({ score, ...pair }, i) => ({
      ...pair,
      above: above(score),
      aboveBefore: above(before[i]!.score), // the same pairs
    })),
    expansion: expansionErrors(model, circuits, task),
    orders: orderLosses(model, circuits, task),
    factoring: config.layers === 1 ? factoringCheck(model, circuits, task) : null,
    ablations: induction ? ablations(model, task) : null,
    patching: induction ? patching(model, task) : null,
    trigrams:
      config.layers === 1 && config.task === "names"
        ? trigramsOf(circuits, 1 / Math.sqrt(config.width / config.heads))
        : null,
    shown: shownRun(model, task),
  };
}

function compositionOf(model: AttentionOnly) {
  const circuits = circuitsOf(model);
  return (["Q", "K", "V"] as const).flatMap((kind) =>
    compositionScores(circuits, kind).map(({ from, to, score }) => ({
      ...{ kind, score },
      from: headName(from),
      to: headName(to),
    })),
  );
}
