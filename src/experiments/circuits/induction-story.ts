// What induction-heads tells in words, and in the few numbers that tell the whole story.
import { where } from "../select";
import { fixedPeriod, one, smearedOne, two } from "./induction-claims";
import { bestPrefix, type InductionTrial } from "./induction-run";
import { percent } from "./rules";

export function inductionStory(trials: readonly InductionTrial[]): string[] {
  const first = (wanted: Parameters<typeof where<InductionTrial["config"], InductionTrial["metrics"]>>[1]) =>
    where(trials, wanted)[0]?.metrics;
  const [double, single, smeared, counting] = [two, one, smearedOne, fixedPeriod].map(first);
  const lines: string[] = [];
  if (double)
    lines.push(
      ...double.looks
        .filter(
          ({ step }, i, looks) => step % 100 === 0 || i === looks.length - 1 || near(step, double.lossStep),
        )
        .map(
          (look) =>
            `Two layers, step ${look.step}: ${look.first.toFixed(2)} nats on first copies, ${look.second.toFixed(2)} on second ones; in-context score ${look.inContext.toFixed(2)}, best prefix matching ${bestPrefix(look).toFixed(2)}, best previous-token score ${Math.max(...look.previous.flat()).toFixed(2)}.`,
        ),
    );
  if (double && double.lossStep !== null)
    lines.push(
      `Two layers began to copy at step ${double.lossStep}; their best head matched half of its prefixes from step ${double.prefixStep ?? "never"} on.`,
    );
  if (single)
    lines.push(
      `One layer ended at ${single.second.toFixed(2)} nats on second copies, with prefix matching ${single.bestPrefix.toFixed(2)}, and got ${percent(single.heldOutPairs)} of the pairs right that it had never seen.`,
    );
  if (smeared)
    lines.push(
      `One layer with smeared keys ended at ${smeared.second.toFixed(2)} nats with prefix matching ${smeared.bestPrefix.toFixed(2)}: half an induction head was all it lacked.`,
    );
  if (counting)
    lines.push(
      `One layer on a fixed period reached ${counting.second.toFixed(2)} nats by counting steps back: a trap, not induction.`,
    );
  return lines;
}

function near(step: number, centre: number | null): boolean {
  return centre !== null && Math.abs(step - centre) <= 25;
}
