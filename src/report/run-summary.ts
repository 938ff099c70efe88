// What came out of a run, in a sentence and in a few large numbers.
import { count, duration, nats, plural, short } from "./format";
import type { Html } from "./html";
import { tiles } from "./page";
import type { RunReport } from "./run";

/** "2,000 steps brought the held-out loss to 1.610 nats per token, ..." */
export function headline(run: RunReport): string {
  const { floors } = run;
  const steps = run.metrics.at(-1)?.step;
  if (steps === undefined) return "No step was recorded.";
  const heldOut = heldOutLoss(run);
  const loss = heldOut ?? trainLoss(run);
  const where = heldOut === undefined ? "training" : "held-out";
  const reached = `After ${plural(steps, "step")} the ${where} loss is ${nats(loss)} nats per token`;
  if (!floors || heldOut === undefined) return `${reached}.`;
  const pairs = compare(heldOut, floors.bigram);
  const singles = compare(heldOut, floors.unigram);
  return `${reached}: ${pairs} the best that a count of token pairs could do (${nats(floors.bigram)}), ${singles} that of single tokens (${nats(floors.unigram)}).`;
}

export function summaryTiles(run: RunReport): Html {
  const { evaluation, parameters, seconds, metrics } = run;
  const heldOut = heldOutLoss(run);
  const rates = metrics.flatMap(({ tokensPerSecond }) => tokensPerSecond ?? []).toSorted((a, b) => a - b);
  const rate = rates[Math.floor(rates.length / 2)];
  const window = Math.min(finalWindow(metrics.length), metrics.length);
  const entries: (readonly [string, string, string?] | false)[] = [
    heldOut !== undefined && [
      "Held-out loss",
      nats(heldOut),
      evaluation
        ? `nats per token; perplexity ${short(evaluation.perplexity)}, ${plural(evaluation.tokens, "token")}`
        : "nats per token",
    ],
    metrics.length > 0 && [
      "Training loss",
      nats(trainLoss(run)),
      window > 1 ? `nats per token, mean of the last ${count(window)} steps` : "nats per token, last step",
    ],
    parameters !== undefined && ["Parameters", count(parameters)],
    seconds !== undefined && ["Time", duration(seconds), rate === undefined ? "" : `${count(rate)} tokens/s`],
  ];
  return tiles(entries.filter((entry) => entry !== false));
}

/** Steps whose mean stands for one point of a noisy curve: a fortieth of the run. */
export function finalWindow(steps: number): number {
  return Math.max(1, Math.round(steps / 40));
}

function trainLoss({ metrics }: RunReport): number {
  const last = metrics.slice(-finalWindow(metrics.length));
  return last.reduce((sum, { loss }) => sum + loss, 0) / last.length;
}

/** On the whole split where it was evaluated, otherwise the last measurement on the way. */
function heldOutLoss({ evaluation, metrics }: RunReport): number | undefined {
  return evaluation?.natsPerToken ?? metrics.findLast(({ heldOut }) => heldOut !== undefined)?.heldOut;
}

function compare(loss: number, floor: number): string {
  const difference = floor - loss;
  if (!Number.isFinite(difference)) return "not comparable with";
  return `${nats(Math.abs(difference))} ${difference >= 0 ? "below" : "above"}`;
}
