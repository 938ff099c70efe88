// The figures of a training run, from its metrics.
import type { Figure, Point, Reference, Series } from "../experiments/figure";
import { plural } from "./format";
import type { HeadEntropy, RunMetrics, RunReport } from "./run";
import { extremes, smooth } from "./series";

/** So many steps can be drawn raw: smoothing them would only hide. */
const FEW_STEPS = 40;

export function lossFigure({ metrics, floors }: Pick<RunReport, "metrics" | "floors">): Figure {
  const raw = metrics.map(({ step, loss }) => ({ x: step, y: loss }));
  const heldOut = metrics.flatMap(({ step, heldOut: y }) => (y === undefined ? [] : [{ x: step, y }]));
  const [main, ...faint] = smoothed("training", raw);
  const heldOutSeries: Series[] =
    heldOut.length > 0 ? [{ name: "held-out", look: "points", points: heldOut }] : [];
  const references: Reference[] = floors
    ? [
        { value: floors.unigram, label: "unigram floor" },
        { value: floors.bigram, label: "bigram floor" },
      ]
    : [];
  // Held-out points second: they keep the second colour and symbol whether or not there is a faint curve.
  return {
    title: "Loss",
    caption: floors
      ? "A floor is the entropy of the held-out text: no model of single tokens (unigram) or of pairs (bigram) can do better on average."
      : "Lower is better.",
    plot: {
      kind: "line",
      x: { label: "step" },
      y: { label: "nats per token" },
      series: [main, ...heldOutSeries, ...faint],
      references,
    },
  };
}

/** Learning rate and gradient norm. */
export function stepFigures(metrics: readonly RunMetrics[]): Figure[] {
  const series = (value: (at: RunMetrics) => number) => metrics.map((at) => ({ x: at.step, y: value(at) }));
  return [
    {
      title: "Learning rate",
      caption: "As the schedule set it.",
      plot: {
        kind: "line",
        x: { label: "step" },
        y: { label: "learning rate" },
        series: [{ name: "learning rate", points: series(({ learningRate }) => learningRate) }],
      },
    },
    {
      title: "Gradient norm",
      caption: "Over all parameters, before clipping.",
      plot: {
        kind: "line",
        x: { label: "step" },
        y: { label: "L2 norm", log: true },
        series: smoothed(
          "norm",
          series(({ gradientNorm }) => gradientNorm),
        ),
      },
    },
  ];
}

/** The smooth curve, and behind it the raw one. */
function smoothed(name: string, points: readonly Point[]): [Series, ...Series[]] {
  if (points.length <= FEW_STEPS) return [{ name, points }];
  // A fortieth of the run and at least five steps, as many before a step as after it.
  const window = 2 * Math.max(2, Math.round(points.length / 80)) + 1;
  return [
    { name: `${name}, mean of ${window} steps`, points: smooth(points, window) },
    { name: `${name}, every step`, look: "faint", points },
  ];
}

/** One figure a layer, all on the same scale. */
export function entropyFigures(entropy: readonly HeadEntropy[]): Figure[] {
  const [, highest] = extremes([0.1, ...entropy.map((at) => at.entropy)]);
  return distinct(entropy.map(({ layer }) => layer)).map((layer) => {
    const mine = entropy.filter((at) => at.layer === layer);
    const heads = distinct(mine.map(({ head }) => head));
    return {
      title: `Layer ${layer}`,
      caption: `${plural(heads.length, "head")}, mean over the rows of the sentence.`,
      plot: {
        kind: "line",
        x: { label: "step" },
        y: { label: "nats", domain: [0, highest * 1.05] },
        series: heads.map((head) => ({
          name: `head ${head}`,
          points: mine.filter((at) => at.head === head).map(({ step, entropy: y }) => ({ x: step, y })),
        })),
      },
    };
  });
}

function distinct(values: readonly number[]): number[] {
  return [...new Set(values)].sort((a, b) => a - b);
}
