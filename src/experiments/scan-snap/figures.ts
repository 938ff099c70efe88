// What `scan-snap` shows: attention by token over the steps (figures 4 and 5 of the paper), and how loss, entropy and z move.
import type { Figure, Series } from "../figure";
import { where } from "../select";
import { adam, expected, sampled, slowing } from "./grid";
import type { ScanSnapTrial } from "./run";
import type { OneLayerConfig } from "./settings";

const ADAM_SHOWN = [0.1, 0.5, 1];
/** One scale of colours for runs with SGD, so that they can be compared. */
const SGD_TOP = 0.2;

export function scanSnapFigures(trials: readonly ScanSnapTrial[]): Figure[] {
  const first = (config: OneLayerConfig) => where(trials, config)[0];
  const heat = (config: OneLayerConfig, title: string, caption: string) => {
    const trial = first(config);
    return trial ? [heatFigure(trial, title, caption)] : [];
  };
  const shown = new Set(
    [expected, sampled, { ...expected, etaY: 10 }].map((config) => JSON.stringify(config)),
  );
  const own = trials.filter(({ config }) => config.optimizer === "sgd" && config.steps === 100);
  const others = own.some(({ config }) => shown.has(JSON.stringify(config))) ? [] : trials.slice(0, 2);
  return [
    ...heat(
      expected,
      "Scan, then snap: etaY 1, etaZ 1",
      "Attention c_n by token type, rows from above: common tokens fade, the most frequent distinct tokens grow, and after step 20 nearly nothing moves (the paper's figure 4, left).",
    ),
    ...heat(
      { ...expected, etaY: 10 },
      "A faster decoder: etaY 10, etaZ 1",
      "It snaps earlier, and what it freezes is denser (figure 4, right).",
    ),
    ...heat(
      sampled,
      "The same from minibatches of 128 sequences",
      "Sampling disturbs the order of the rarer tokens; the picture stays.",
    ),
    ...ADAM_SHOWN.flatMap((rate) =>
      heat(
        adam(rate),
        `Adam at rate ${rate}`,
        "Adam leaves the common tokens, and another set of distinct tokens wins at each rate (figure 5).",
      ),
    ),
    ...others.map((trial) => heatFigure(trial, "Attention by token over the steps", settings(trial))),
    ...lossFigure(trials),
    ...entropyFigure(trials),
    ...slowingFigure(trials),
  ];
}

function heatFigure(trial: ScanSnapTrial, title: string, caption: string): Figure {
  const { snapshots } = trial.metrics;
  const classes = snapshots[0]!.attention.length; // the look before step 0
  const size = snapshots[0]!.attention[0]!.length;
  const common = Math.max(size - 10, 1);
  const largest = Math.max(...snapshots.flatMap(({ attention }) => attention.flat()));
  return {
    title,
    caption: `${caption} C: common, D: distinct, by rising frequency.`,
    plot: {
      kind: "heat",
      x: "context token",
      y: "class and step",
      columns: Array.from({ length: size }, (_, i) => (i < common ? `C${i}` : `D${i - common}`)),
      rows: Array.from({ length: classes }, (_, n) =>
        snapshots.map(({ step }) => `${n + 1}: ${step}`),
      ).flat(),
      values: Array.from({ length: classes }, (_, n) =>
        snapshots.map(({ attention }) => [...attention[n]!]),
      ).flat(),
      value: {
        label: "attention c_n",
        domain: [0, trial.config.optimizer === "sgd" ? Math.max(largest, SGD_TOP) : largest],
      },
    },
  };
}

/** Runs whose settings are among these, each as a curve. */
function curves(
  trials: readonly ScanSnapTrial[],
  configs: readonly OneLayerConfig[],
  values: (trial: ScanSnapTrial) => readonly number[],
): Series[] {
  return configs.flatMap((config) => {
    const trial = where(trials, config)[0];
    if (!trial) return [];
    const points = values(trial).map((y, x) => ({ x, y }));
    return [{ name: `${config.mode}, etaY ${config.etaY}`, points }];
  });
}

const compared = [...[1, 2, 10, 50].map((etaY): OneLayerConfig => ({ ...expected, etaY })), sampled];

function lossFigure(trials: readonly ScanSnapTrial[]): Figure[] {
  const near = compared.filter(({ etaY }) => etaY <= 10); // faster ones would take the axis down to 1e-30
  const series = curves(trials, near, ({ metrics }) => metrics.loss);
  if (series.length === 0) return [];
  return [
    {
      title: "Scan: the decoder learns",
      caption:
        "Loss before each update. Its fall is what drives attention; where it is gone, nothing drives any more.",
      plot: { kind: "line", x: { label: "step" }, y: { label: "loss (nats)", log: true }, series },
    },
  ];
}

function entropyFigure(trials: readonly ScanSnapTrial[]): Figure[] {
  const series = curves(trials, compared, ({ metrics }) => metrics.entropy);
  if (series.length === 0) return [];
  return [
    {
      title: "Snap: attention stops",
      caption:
        "Entropy of the attention over a class's own tokens. It falls while the loss does, and then hardly moves; from ratio 2 on, a faster decoder leaves it higher.",
      plot: {
        kind: "line",
        x: { label: "step" },
        y: { label: "entropy over distinct tokens (nats)" },
        series,
        references: [{ value: 2.15128, label: "at z = 0" }],
      },
    },
  ];
}

function slowingFigure(trials: readonly ScanSnapTrial[]): Figure[] {
  const trial = where(trials, slowing)[0];
  if (!trial) return [];
  return [
    {
      title: "Not frozen, only ever slower",
      caption:
        "z of the most frequent distinct token without momentum, on a logarithmic axis of steps: after the snap each doubling adds less.",
      plot: {
        kind: "line",
        x: { label: "step", log: true },
        y: { label: "z" },
        series: [{ name: "z", points: trial.metrics.topLogit.slice(1).map((y, i) => ({ x: i + 1, y })) }],
      },
    },
  ];
}

function settings({ config }: ScanSnapTrial): string {
  return `${Object.entries(config)
    .map(([key, value]) => `${key} ${value}`)
    .join(", ")}.`;
}
