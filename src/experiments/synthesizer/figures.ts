// Figures that the synthesizer experiments share: accuracy by variant, what it costs, mixtures' weights, and where heads look.
import type { Figure } from "../figure";
import { meanInterval } from "../interval";
import type { SynthesizerTrial } from "./trial";
import { LETTERS } from "./variants";

/** Bars of accuracy, one group for each task. */
export function accuracyFigure(trials: readonly SynthesizerTrial[], caption: string): Figure {
  return {
    title: "Accuracy",
    caption: `${caption} Mean over seeds and its 95 % interval. ${LETTERS}.`,
    plot: {
      kind: "bar",
      value: { label: "share of labels that are right", domain: [0, 1] },
      bars: grouped(trials).map(({ task, name, group }) => {
        const { mean, low, high } = meanInterval(group.map(({ metrics }) => metrics.accuracy));
        const ends =
          low !== undefined && high !== undefined ? { low: Math.max(0, low), high: Math.min(1, high) } : {};
        return { name, value: mean, group: task, ...ends };
      }),
    },
  };
}

/** Accuracy over multiply-adds, with parameters in the labels. */
export function costFigure(trials: readonly SynthesizerTrial[], task: string): Figure {
  const points = grouped(trials.filter(({ config }) => config.task === task)).map(({ name, group }) => ({
    x: group[0]!.metrics.macs, // no group is empty
    y: meanInterval(group.map(({ metrics }) => metrics.accuracy)).mean,
    label: `${name}, ${group[0]!.metrics.parameters.toLocaleString("en")}`,
  }));
  return {
    title: `What the accuracy costs: ${task}`,
    caption:
      "Multiply-adds of attention for a token, by the formulas; beside each variant the number of all parameters of its model.",
    plot: {
      kind: "dot",
      x: { label: "multiply-adds of attention per token" },
      y: { label: "accuracy" },
      groups: [{ name: task, points }],
    },
  };
}

export function curveFigure(trials: readonly SynthesizerTrial[], task: string): Figure {
  const mine = firstSeed(trials.filter(({ config }) => config.task === task));
  return {
    title: `Training: ${task}`,
    caption: `Loss of single batches, seed ${mine[0]?.seed ?? 0}.`,
    plot: {
      kind: "line",
      x: { label: "step" },
      y: { label: "loss (nats per label)" },
      series: mine.map(({ config, metrics }) => ({
        name: label(config),
        points: metrics.curve.map(([x, y]) => ({ x, y })),
      })),
    },
  };
}

/** The weight of each member, mean over heads and layers, every seed. */
export function alphaFigure(trials: readonly SynthesizerTrial[]): Figure[] {
  const bars = grouped(trials.filter(({ metrics }) => metrics.alpha.length > 0)).flatMap(
    ({ task, name, group }) => {
      const members = name.split("+");
      return members.map((member, m) => {
        const shares = group.map(({ metrics }) => {
          const all = metrics.alpha.flat().map((row) => row[m] ?? 0);
          return all.reduce((sum, value) => sum + value, 0) / all.length;
        });
        const { mean, low, high } = meanInterval(shares);
        const ends =
          low !== undefined && high !== undefined ? { low: Math.max(0, low), high: Math.min(1, high) } : {};
        return { name: `${name}: ${member}`, value: mean, group: task, ...ends };
      });
    },
  );
  if (bars.length === 0) return [];
  return [
    {
      title: "What mixtures chose",
      caption:
        "The learned weights alpha, mean over heads and layers, then over seeds; both began at a half. They tell whether content is asked.",
      plot: { kind: "bar", value: { label: "alpha", domain: [0, 1] }, bars },
    },
  ];
}

/** The heads of one variant side by side: rows are tokens, and each block of columns a head. */
export function mapFigures(
  trials: readonly SynthesizerTrial[],
  task: string,
  names: readonly string[],
): Figure[] {
  const mine = firstSeed(trials.filter(({ config }) => config.task === task));
  return mine
    .filter(({ config, metrics }) => names.includes(label(config)) && metrics.maps.length > 0)
    .map(({ config, metrics, seed }) => {
      const tokens = metrics.maps[0]!.length; // there is one
      const columns = metrics.maps.flatMap((_, head) =>
        Array.from({ length: tokens }, (_, j) => (j === 0 ? `head ${head}` : "")),
      );
      return {
        title: `Where ${label(config)} looks: ${task}`,
        caption: `Attention weights of the first layer on one sequence, its ${metrics.maps.length} heads side by side, seed ${seed}.`,
        plot: {
          kind: "heat",
          x: "source, head by head",
          y: "token",
          columns,
          rows: Array.from({ length: tokens }, (_, i) => String(i)),
          values: Array.from({ length: tokens }, (_, i) => metrics.maps.flatMap((map) => map[i]!)),
          value: { label: "weight", domain: [0, 1] },
        },
      };
    });
}

interface Group {
  readonly task: string;
  readonly name: string;
  readonly group: readonly SynthesizerTrial[];
}

/** Trials that differ in the seed only, in the order of the grid. */
function grouped(trials: readonly SynthesizerTrial[]): Group[] {
  const groups = new Map<string, { task: string; name: string; group: SynthesizerTrial[] }>();
  for (const trial of trials) {
    const name = label(trial.config);
    const key = `${trial.config.task} ${name}`;
    const known = groups.get(key) ?? { task: trial.config.task, name, group: [] };
    known.group.push(trial);
    groups.set(key, known);
  }
  return [...groups.values()];
}

/** The variant, with what is not as usual. */
function label({ variant, tableRate, heads, spread }: SynthesizerTrial["config"]): string {
  const rate = tableRate === 15 ? "" : `, rate x ${tableRate}`;
  const deviation = spread === 0 ? "" : `, deviation ${spread}`;
  return `${variant}${heads === 4 ? "" : `, ${heads} ${heads === 1 ? "head" : "heads"}`}${rate}${deviation}`;
}

function firstSeed(trials: readonly SynthesizerTrial[]): SynthesizerTrial[] {
  const seed = Math.min(...trials.map((trial) => trial.seed));
  return trials.filter((trial) => trial.seed === seed);
}
