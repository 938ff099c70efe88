// What the transfer experiment shows: both tasks side by side, the way through them, and where heads look after tuning.
import type { Figure } from "../figure";
import { meanInterval } from "../interval";
import type { TransferTrial } from "../synthesizer-transfer";
import { alphaFigure, mapFigures } from "./figures";
import { LETTERS } from "./variants";

const TASKS = [
  ["holes", "holes filled in after pre-training"],
  ["answers", "answers after pre-training and tuning"],
  ["answersFromScratch", "answers after tuning alone"],
] as const;

export function transferFigures(trials: readonly TransferTrial[]): Figure[] {
  const names = [...new Set(trials.map(({ config }) => config.variant))];
  const seed = Math.min(...trials.map((trial) => trial.seed));
  const first = trials.filter((trial) => trial.seed === seed);
  const curve = (title: string, metric: "pretrainingCurve" | "tuningCurve"): Figure => ({
    title,
    caption: `Loss of single batches, seed ${seed}.`,
    plot: {
      kind: "line",
      x: { label: "step" },
      y: { label: "loss (nats per label)" },
      series: first.map(({ config, metrics }) => ({
        name: config.variant,
        points: metrics[metric].map(([x, y]) => ({ x, y })),
      })),
    },
  });
  return [
    {
      title: "Two tasks",
      caption: `Share of labels that are right, mean over seeds and its 95 % interval; half of the answers are right by guessing. Beside each variant the parameters of its model, and the multiply-adds of attention for a token by the formulas. ${LETTERS}.`,
      plot: {
        kind: "bar",
        value: { label: "share that is right", domain: [0, 1] },
        bars: TASKS.flatMap(([metric, group]) =>
          names.map((variant) => {
            const mine = trials.filter(({ config }) => config.variant === variant);
            const { mean, low, high } = meanInterval(mine.map(({ metrics }) => metrics[metric]));
            const { parameters, macs } = mine[0]!.metrics; // the name is that of a trial
            const name = `${variant}: ${parameters.toLocaleString("en")}, ${macs.toLocaleString("en")}`;
            const ends =
              low !== undefined && high !== undefined
                ? { low: Math.max(0, low), high: Math.min(1, high) }
                : {};
            return { name, group, value: mean, ...ends };
          }),
        ),
      },
    },
    curve("Pre-training: holes", "pretrainingCurve"),
    curve("Tuning: answers", "tuningCurve"),
    ...alphaFigure(trials),
    ...mapFigures(trials, names),
  ];
}
