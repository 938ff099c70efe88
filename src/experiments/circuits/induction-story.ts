// What induction-heads tells in words: two layers before, in and after the change of phase by the numbers that tell the whole story, and the
// others beside them.
import { where } from "../select";
import { fixedPeriod, one, smearedOne, two } from "./induction-claims";
import type { InductionLook } from "./induction-look";
import {
  bestPrefix,
  type InductionConfig,
  type InductionMetrics,
  type InductionTrial,
} from "./induction-run";
import { percent } from "./rules";

export function inductionStory(trials: readonly InductionTrial[]): string[] {
  const first = (wanted: Partial<InductionConfig>) => where(trials, wanted)[0]?.metrics;
  const [double, single, smeared, counting] = [two, one, smearedOne, fixedPeriod].map(first);
  return [
    ...(double ? stages(double) : []),
    ...(single
      ? [
          `One layer never does: ${nats(single.second)} on second copies, best prefix matching ${single.bestPrefix.toFixed(2)}, ${percent(single.heldOutPairs)} right of the pairs that it had never seen.`,
        ]
      : []),
    ...(smeared
      ? [
          `One layer whose keys are smeared with the key before does: ${nats(smeared.second)}, prefix matching ${smeared.bestPrefix.toFixed(2)}${smeared.lossStep === null ? "" : `, at step ${smeared.lossStep}`}. Half an induction head was all that it lacked.`,
        ]
      : []),
    ...(counting
      ? [
          `A trap: on a fixed period one layer comes to ${nats(counting.second)}, too, by counting steps back.`,
        ]
      : []),
  ];
}

/** Before, in and after the change. */
function stages({ looks, lossStep }: InductionMetrics): string[] {
  if (lossStep === null) return ["Two layers did not learn to copy in these steps."];
  const at = (step: number) =>
    looks.toSorted((a, b) => Math.abs(a.step - step) - Math.abs(b.step - step))[0]!; // there are looks
  return [
    `Two layers learn to copy about step ${lossStep}.`,
    ...[at(lossStep / 2), at(lossStep), looks.at(-1)!].map(stage),
  ];
}

function stage(look: InductionLook): string {
  const { step, first, second, inContext, previous, composition, copying } = look;
  const previousBest = Math.max(...previous.flat());
  return `Step ${step}: ${nats(first)} on first copies, ${nats(second)} on second ones, in-context score ${inContext.toFixed(2)}; best prefix matching ${bestPrefix(look).toFixed(2)}, by a head whose OV copies with ratio ${copying.toFixed(2)}; best previous-token score ${previousBest.toFixed(2)}, K-composition ${(composition ?? 0).toFixed(3)} above random.`;
}

function nats(loss: number): string {
  return `${loss.toFixed(2)} nats`;
}
