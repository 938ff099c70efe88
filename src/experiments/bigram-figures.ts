// What the bigram experiment shows: how the rank decides, the tables side by side, and the way there.
import type { BigramTrial } from "./bigram";
import type { Figure, Series } from "./figure";
import { meanInterval } from "./interval";

/** KL in nats by D after 600 steps of PyTorch 1.13 on another chain of the same kind, one seed. */
const PYTORCH = [
  { x: 4, y: 0.45 },
  { x: 8, y: 0.22 },
  { x: 16, y: 0.039 },
  { x: 32, y: 0.0085 },
] as const;

export function bigramFigures(trials: readonly BigramTrial[]): Figure[] {
  const ladder = firstSeed(trials);
  const widest = ladder.at(-1);
  const narrowest = ladder[0];
  if (!widest || !narrowest) return [];
  const { config, metrics } = widest;
  const figures = [
    rankFigure(trials),
    curveFigure(ladder),
    tableFigure("The chain", "The table P that tokens are drawn from.", metrics.truth),
    tableFigure(`Learned with D = ${config.width}`, caption(widest), metrics.learned),
  ];
  if (narrowest === widest) return figures;
  return [
    ...figures,
    tableFigure(`Learned with D = ${narrowest.config.width}`, caption(narrowest), narrowest.metrics.learned),
  ];
}

function rankFigure(trials: readonly BigramTrial[]): Figure {
  const widths = [...new Set(trials.map(({ config }) => config.width))].sort((a, b) => a - b);
  const means = widths.map((width) => {
    const { mean } = meanInterval(
      trials.filter(({ config }) => config.width === width).map(({ metrics }) => metrics.kl),
    );
    return { x: width, y: mean };
  });
  const singles = trials
    .map(({ config, metrics }) => ({ x: config.width, y: metrics.kl }))
    .sort((a, b) => a.x - b.x);
  const steps = [...new Set(trials.map(({ config }) => config.steps))].join(", ");
  return {
    title: "The wider the model, the better its table",
    caption: `KL from the chain to the model after ${steps} steps: every seed, and the mean. PyTorch trained 600 steps, on another chain of the same kind.`,
    plot: {
      kind: "line",
      x: { label: "width D, the rank of the table", log: true },
      y: { label: "KL (nats)", log: true },
      series: [
        { name: "mean of seeds", points: means },
        { name: "a seed", look: "points", points: singles },
        { name: "PyTorch, one seed", look: "points", points: PYTORCH },
      ],
    },
  };
}

function curveFigure(ladder: readonly BigramTrial[]): Figure {
  const { unigramEntropy, bigramEntropy } = ladder[0]!.metrics; // the caller has at least one trial
  const series: Series[] = ladder.map(({ config, metrics }) => ({
    name: `D = ${config.width}`,
    points: metrics.curve.map(([x, y]) => ({ x, y })),
  }));
  return {
    title: "Training",
    caption: `Loss of each batch, seed ${ladder[0]!.seed}. Full rank goes down to the entropy of the chain; lower ranks stop above it.`,
    plot: {
      kind: "line",
      x: { label: "step" },
      y: { label: "loss (nats per token)" },
      series,
      references: [
        { value: unigramEntropy, label: "unigram entropy" },
        { value: bigramEntropy, label: "bigram entropy" },
      ],
    },
  };
}

function tableFigure(title: string, text: string, values: readonly (readonly number[])[]): Figure {
  const tokens = values.map((_, token) => String(token));
  return {
    title,
    caption: text,
    plot: {
      kind: "heat",
      x: "next token",
      y: "token",
      columns: tokens,
      rows: tokens,
      values,
      // One scale for all tables.
      value: { label: "probability", domain: [0, 1] },
    },
  };
}

function caption({ config, metrics }: BigramTrial): string {
  return `softmax(W_E W_U) at rank ${config.width}: ${metrics.kl.toFixed(4)} nats from the chain.`;
}

/** The trials of one chain, narrowest first. */
function firstSeed(trials: readonly BigramTrial[]): BigramTrial[] {
  const seed = Math.min(...trials.map((trial) => trial.seed));
  return trials.filter((trial) => trial.seed === seed).sort((a, b) => a.config.width - b.config.width);
}
