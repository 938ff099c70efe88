// What `scan-snap-rates` shows: entropies beside the paper's, recall curves, and the phases of runs with one common token.
import type { Figure, Series } from "../figure";
import { meanInterval } from "../interval";
import { mean, where } from "../select";
import { ETA_Z, FIGURE_6, RATIOS } from "./paper";
import { cellEntropy } from "./rates-claims";
import { cell, PHASE_RATES, phases, type RatesTrial, SIZES, thresholdsOf } from "./rates-run";
import type { OneLayerConfig } from "./settings";
import { halfTime, snapTime } from "./theory";

/** Those whose curves a claim is about. */
const RECALL_SIZES = [1, 3];

export function ratesFigures(trials: readonly RatesTrial[]): Figure[] {
  return [
    ...agreement(trials),
    ...SIZES.flatMap((size) => entropyFigure(trials, size)),
    ...RECALL_SIZES.flatMap((size) => recallFigures(trials, size)),
    ...phaseFigures(trials),
  ];
}

function agreement(trials: readonly RatesTrial[]): Figure[] {
  const groups = SIZES.map((size) => ({
    name: queries(size),
    points: ETA_Z.flatMap((etaZ, i) =>
      RATIOS.flatMap((ratio, j) => {
        const y = cellEntropy(trials, size, etaZ, ratio);
        return y === undefined ? [] : [{ x: FIGURE_6[size]![i]![j]!, y }];
      }),
    ),
  })).filter(({ points }) => points.length > 0);
  if (groups.length === 0) return [];
  return [
    {
      title: "Ours against the paper's",
      caption: "Final entropy over distinct tokens of each cell of figure 6, mean over the seeds.",
      plot: {
        kind: "dot",
        x: { label: "the authors' entropy (nats)" },
        y: { label: "ours (nats)" },
        groups,
        diagonal: "equal",
      },
    },
  ];
}

function entropyFigure(trials: readonly RatesTrial[], size: number): Figure[] {
  const rows = ETA_Z.flatMap((etaZ, i) => {
    const points = RATIOS.flatMap((ratio) => {
      const runs = where(trials, cell(size, etaZ, ratio));
      if (runs.length === 0) return [];
      const { mean: y, low, high } = meanInterval(runs.map(({ metrics }) => metrics.finalEntropy));
      return [{ x: ratio, y, ...(low !== undefined && high !== undefined && { low, high }) }];
    });
    return points.length === 0 ? [] : [{ etaZ, points, paper: FIGURE_6[size]![i]! }];
  });
  if (rows.length === 0) return [];
  const ours: Series[] = rows.map(({ etaZ, points }) => ({ name: `etaZ ${etaZ}`, points }));
  const theirs: Series[] = rows.map(({ etaZ, paper }) => ({
    name: `etaZ ${etaZ}, paper`,
    like: `etaZ ${etaZ}`,
    look: "points",
    points: RATIOS.map((ratio, j) => ({ x: ratio, y: paper[j]! })),
  }));
  return [
    {
      title: `Entropy against the ratio: ${queries(size)}`,
      caption:
        "Lines: our means with their 95 % interval; symbols: the paper's means (figure 6). Larger rates leave sparser attention, and from ratio 2 on a faster decoder leaves it denser.",
      plot: {
        kind: "line",
        x: { label: "etaY / etaZ", log: true },
        y: { label: "entropy over distinct tokens (nats)" },
        series: [...ours, ...theirs],
      },
    },
  ];
}

function recallFigures(trials: readonly RatesTrial[], size: number): Figure[] {
  const curve = (name: string, config: OneLayerConfig): Series[] => {
    const runs = where(trials, config);
    if (runs.length === 0) return [];
    const points = thresholdsOf(config).map((x, i) => ({
      x,
      y: mean(runs.map(({ metrics }) => metrics.recall[i]!)),
    }));
    return [{ name, points }];
  };
  const byRatio = RATIOS.flatMap((ratio) => curve(`ratio ${ratio}`, cell(size, 1, ratio)));
  const byRate = ETA_Z.flatMap((etaZ) => curve(`etaZ ${etaZ}`, cell(size, etaZ, 1)));
  const figure = (title: string, caption: string, series: readonly Series[]): Figure => ({
    title,
    caption,
    plot: {
      kind: "line",
      x: { label: "threshold on softmax(z)" },
      y: { label: "recall of distinct tokens", domain: [0, 1] },
      series,
    },
  });
  return [
    ...(byRatio.length > 1
      ? [
          figure(
            `Recall by ratio: ${queries(size)}, etaZ 1`,
            "The flatter, the sparser (figure 11).",
            byRatio,
          ),
        ]
      : []),
    ...(byRate.length > 1
      ? [
          figure(
            `Recall by rate: ${queries(size)}, ratio 1`,
            "The larger the rates, the flatter (figure 12).",
            byRate,
          ),
        ]
      : []),
  ];
}

function phaseFigures(trials: readonly RatesTrial[]): Figure[] {
  const runs = PHASE_RATES.flatMap((etaY) => where(trials, phases(etaY, 0.1)).slice(0, 1));
  if (runs.length === 0) return [];
  const decoder = (etaY: number) => ({ tokens: 200, classes: 4, etaY });
  return [
    {
      title: "Scan, then snap",
      caption:
        "z of the most frequent distinct token, one common token, no momentum. It rises while the decoder learns; from the dotted t0 = 2 K ln M / etaY on it only creeps.",
      plot: {
        kind: "line",
        x: { label: "step" },
        y: { label: "z" },
        series: runs.map(({ config, metrics }) => ({
          name: `etaY ${config.etaY}`,
          points: metrics.topLogit.map((y, x) => ({ x, y })),
        })),
        references: runs.map(({ config }) => ({
          axis: "x",
          value: snapTime(decoder(config.etaY), 0),
          label: `${config.etaY}`,
        })),
      },
    },
    {
      title: "The phase goes with 1/etaY",
      caption:
        "The first step at which labels have probability 1/2, and the formula (K/(M etaY)) ((M-1)(1 + ln(M-1)) - 1).",
      plot: {
        kind: "line",
        x: { label: "etaY", log: true },
        y: { label: "step", log: true },
        series: [
          { name: "formula", points: PHASE_RATES.map((etaY) => ({ x: etaY, y: halfTime(decoder(etaY)) })) },
          {
            name: "run",
            look: "points",
            points: runs.map(({ config, metrics }) => ({ x: config.etaY, y: metrics.halfStep })),
          },
        ],
      },
    },
  ];
}

function queries(size: number): string {
  return size === 1 ? "1 query, 2 classes" : `${size} queries, ${2 * size} classes`;
}
