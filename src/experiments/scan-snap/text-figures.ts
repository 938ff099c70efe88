// What `scan-snap-text` shows: attention maps under a slider over the training, entropies and losses by rate.
import type { Figure, Series } from "../figure";
import { where } from "../select";
import { ADAM_RATES, adamAt, SGD_RATES, sgdAt } from "./text-claims";
import type { TextConfig, TextTrial } from "./text-run";

export function textFigures(trials: readonly TextTrial[]): Figure[] {
  const first = (wanted: Partial<TextConfig>) => where(trials, wanted)[0];
  const shown = [
    { trial: first(sgdAt(5)), title: "Attention of one layer, SGD at rate 5" },
    { trial: first(sgdAt(5, 3)), title: "Attention of the lowest of three layers, SGD at rate 5" },
    { trial: first(adamAt(1e-3)), title: "Attention of one layer, Adam at rate 0.001" },
  ];
  const maps = shown.flatMap(({ trial, title }) => (trial ? [mapFigure(trial, title)] : []));
  const others =
    maps.length === 0 ? trials.slice(0, 1).map((trial) => mapFigure(trial, "Attention over training")) : [];
  const deep = first(sgdAt(5, 3));
  return [
    ...maps,
    ...others,
    ...entropyFigure(
      "Entropy over training: SGD",
      SGD_RATES.map((rate) => first(sgdAt(rate))),
    ),
    ...entropyFigure(
      "Entropy over training: Adam",
      ADAM_RATES.map((rate) => first(adamAt(rate))),
    ),
    ...(deep ? [layersFigure(deep)] : []),
    ...lossFigure(trials),
  ];
}

function mapFigure({ metrics: { tokens, maps } }: TextTrial, title: string): Figure {
  return {
    title,
    caption:
      "One held-out window before, while and after training. A row is what its word attends to: first everything before it alike, then few words, then (where the rate is large) one.",
    plot: {
      kind: "frames",
      x: "words attended to",
      y: "words that attend",
      columns: tokens,
      rows: tokens,
      frame: "step",
      frames: maps.map(({ step, weights }) => ({
        name: String(step),
        values: weights.map((row) => row.map((weight) => weight / 1000)),
      })),
      value: { label: "weight", domain: [0, 1] },
    },
  };
}

function entropyFigure(title: string, runs: readonly (TextTrial | undefined)[]): Figure[] {
  const series = runs.flatMap((run): Series[] =>
    run ? [{ name: `rate ${run.config.learningRate}`, points: points(run.metrics.entropy[0]!) }] : [],
  );
  if (series.length === 0) return [];
  return [
    {
      title,
      caption:
        "Entropy of a word's attention in the lowest layer, mean over held-out windows. One seed each.",
      plot: {
        kind: "line",
        x: { label: "step" },
        y: { label: "entropy (nats)" },
        series,
        references: [{ value: runs.find((run) => run)!.metrics.startEntropy, label: "at the start" }],
      },
    },
  ];
}

function layersFigure({ metrics: { entropy } }: TextTrial): Figure {
  return {
    title: "Three layers, SGD at rate 5",
    caption: "Entropy of each layer's attention.",
    plot: {
      kind: "line",
      x: { label: "step" },
      y: { label: "entropy (nats)" },
      series: entropy.map((curve, layer) => ({ name: `layer ${layer + 1}`, points: points(curve) })),
    },
  };
}

function lossFigure(trials: readonly TextTrial[]): Figure[] {
  const seed = Math.min(...trials.map((trial) => trial.seed));
  const series = trials
    .filter((trial) => trial.seed === seed)
    .map(
      ({ config, metrics }): Series => ({
        name: `${config.optimizer} ${config.learningRate}${config.layers > 1 ? `, ${config.layers} layers` : ""}`,
        points: points(metrics.loss),
      }),
    );
  if (series.length === 0) return [];
  return [
    {
      title: "Loss",
      caption: "Of single batches, with dropout.",
      plot: { kind: "line", x: { label: "step" }, y: { label: "loss (nats per word)" }, series },
    },
  ];
}

function points(curve: TextTrial["metrics"]["loss"]) {
  return curve.map(([x, y]) => ({ x, y }));
}
