// What the text experiment shows: losses beside what counting reaches, the way there, and where heads look.
import type { Figure } from "../figure";
import { meanInterval } from "../interval";
import type { TextTrial } from "../synthesizer-text";
import { alphaFigure, mapFigures } from "./figures";
import { LETTERS } from "./variants";

export function textFigures(trials: readonly TextTrial[]): Figure[] {
  const first = trials[0];
  if (!first) return [];
  const { unigram, bigram, trigram } = first.metrics;
  const seed = Math.min(...trials.map((trial) => trial.seed));
  const names = [...new Set(trials.map(({ config }) => config.variant))];
  const text = first.config.text === "" ? "the generated text" : "the text";
  return [
    {
      title: "Held-out loss",
      caption: `Nats per character on the last tenth of ${text}, mean over seeds and its 95 % interval; beside each variant the parameters of its model, and the multiply-adds of attention for a token by the formulas. Lines: what counting one, two and three characters reaches on the same text. ${LETTERS}.`,
      plot: {
        kind: "bar",
        value: { label: "nats per character" },
        bars: names.map((variant) => {
          const mine = trials.filter(({ config }) => config.variant === variant);
          const { mean, low, high } = meanInterval(mine.map(({ metrics }) => metrics.heldOut));
          const { parameters, macs } = mine[0]!.metrics; // the name is that of a trial
          const name = `${variant}: ${parameters.toLocaleString("en")}, ${macs.toLocaleString("en")}`;
          return { name, value: mean, ...(low !== undefined && high !== undefined && { low, high }) };
        }),
        references: [
          { value: trigram, label: "trigram" },
          { value: bigram, label: "bigram" },
          { value: unigram, label: "unigram" },
        ],
      },
    },
    {
      title: "Training",
      caption: `Loss of single batches, seed ${seed}.`,
      plot: {
        kind: "line",
        x: { label: "step" },
        y: { label: "loss (nats per character)" },
        series: trials
          .filter((trial) => trial.seed === seed)
          .map(({ config, metrics }) => ({
            name: config.variant,
            points: metrics.curve.map(([x, y]) => ({ x, y })),
          })),
      },
    },
    ...alphaFigure(trials),
    ...mapFigures(trials, names),
  ];
}
