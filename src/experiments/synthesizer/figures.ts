// Figures that the synthesizer experiments share: accuracy by variant, what it costs, mixtures' weights, and where heads look.
import type { Figure } from "../figure";
import { meanInterval } from "../interval";
import type { Look } from "./learn";
import type { SynthesizerTrial } from "./trial";
import { LETTERS } from "./variants";

/** Bars of accuracy for each task, with what each variant costs in its name. */
export function accuracyFigures(trials: readonly SynthesizerTrial[], caption: string): Figure[] {
  const tasks = [...new Set(trials.map(({ config }) => config.task))];
  return tasks.map((task) => ({
    title: `Accuracy: ${task}`,
    caption: `${caption} Mean over seeds and its 95 % interval; beside each variant the parameters of its model, and the multiply-adds of attention for a token by the formulas. ${LETTERS}.`,
    plot: {
      kind: "bar",
      value: { label: "share of labels that are right", domain: [0, 1] },
      bars: grouped(trials.filter(({ config }) => config.task === task)).map(({ name, group }) => ({
        name: `${name}: ${thousands(group[0]!.metrics.parameters)}, ${thousands(group[0]!.metrics.macs)}`, // no group is empty
        ...share(group.map(({ metrics }) => metrics.accuracy)),
      })),
    },
  }));
}

function thousands(count: number): string {
  return count.toLocaleString("en");
}

/** The mean with its interval, as far as shares reach. */
function share(values: readonly number[]) {
  const { mean, low, high } = meanInterval(values);
  if (low === undefined || high === undefined) return { value: mean };
  return { value: mean, low: Math.max(0, low), high: Math.min(1, high) };
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
        name: label(config, headsVary(mine)),
        points: metrics.curve.map(([x, y]) => ({ x, y })),
      })),
    },
  };
}

/** What figures of attention need of a trial. */
interface LookedAt {
  readonly config: { readonly variant: string; readonly task?: string };
  readonly metrics: Look;
  readonly seed: number;
}

/** The weight of each member, mean over heads and layers, then over seeds. */
export function alphaFigure(trials: readonly LookedAt[]): Figure[] {
  const mixed = trials.filter(({ metrics }) => metrics.alpha.length > 0);
  const names = [...new Set(mixed.map(({ config }) => config.variant))];
  const bars = names.flatMap((name) =>
    name.split("+").map((member, m) => {
      const group = mixed.filter(({ config }) => config.variant === name);
      const shares = group.map(({ metrics }) => {
        const all = metrics.alpha.flat().map((row) => row[m] ?? 0);
        return all.reduce((sum, value) => sum + value, 0) / all.length;
      });
      return { name: `${name}: ${member}`, ...share(shares) };
    }),
  );
  if (bars.length === 0) return [];
  return [
    {
      title: "What mixtures chose",
      caption:
        "The learned weights alpha, mean over heads and layers, then over seeds with its 95 % interval; all began alike. They tell whether content is asked.",
      plot: { kind: "bar", value: { label: "alpha", domain: [0, 1] }, bars },
    },
  ];
}

/** The heads of each of these variants side by side. */
export function mapFigures(trials: readonly LookedAt[], names: readonly string[]): Figure[] {
  return firstSeed(trials)
    .filter(({ config, metrics }) => names.includes(config.variant) && metrics.maps.length > 0)
    .map(({ config: { variant, task }, metrics: { maps }, seed }) => {
      const rows = maps[0]!.map((_, i) => i); // there is a head
      const heads = maps.length === 1 ? "its only head" : `its ${maps.length} heads side by side`;
      return {
        title: `Where ${variant} looks${task === undefined ? "" : `: ${task}`}${maps.length === 4 ? "" : `, heads: ${maps.length}`}`,
        caption: `Attention weights of the first layer on one sequence, ${heads}, seed ${seed}.`,
        plot: {
          kind: "heat",
          x: "source, head by head",
          y: "token",
          columns: besideOneAnother(
            maps.map((_, head) => rows.map((j) => (j === 0 ? `head ${head}` : ""))),
            "",
          ),
          rows: rows.map(String),
          values: rows.map((i) =>
            besideOneAnother<number | null>(
              maps.map((map) => map[i]!),
              null,
            ),
          ),
          value: { label: "weight", domain: [0, 1] },
        },
      };
    });
}

/** Lists one after the other with a gap between two. */
function besideOneAnother<T>(lists: readonly (readonly T[])[], gap: T): T[] {
  return lists.flatMap((list, i) => (i === 0 ? list : [gap, ...list]));
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
    const name = label(trial.config, headsVary(trials));
    const key = `${trial.config.task} ${name}`;
    const known = groups.get(key) ?? { task: trial.config.task, name, group: [] };
    known.group.push(trial);
    groups.set(key, known);
  }
  return [...groups.values()];
}

function headsVary(trials: readonly SynthesizerTrial[]): boolean {
  return new Set(trials.map(({ config }) => config.heads)).size > 1;
}

/** The variant, with what is not as usual. */
function label(
  { variant, tableRate, heads, spread }: SynthesizerTrial["config"],
  tellHeads: boolean,
): string {
  const rate = tableRate === 15 ? "" : `, rate x ${tableRate}`;
  const deviation = spread === 0 ? "" : `, deviation ${spread}`;
  return `${variant}${tellHeads ? `, ${heads} ${heads === 1 ? "head" : "heads"}` : ""}${rate}${deviation}`;
}

function firstSeed<T extends { readonly seed: number }>(trials: readonly T[]): T[] {
  const seed = Math.min(...trials.map((trial) => trial.seed));
  return trials.filter((trial) => trial.seed === seed);
}
