// Figures that the experiments on length share: curves over the length of tested sequences.
import type { Config, Metrics, Trial } from "../experiment";
import type { Figure, Series } from "../figure";
import { pointsOver } from "./lengths";

export interface OverLengths<C extends Config> {
  readonly title: string;
  readonly caption: string;
  /** The metric before " at ", and its axis. */
  readonly name: string;
  readonly label: string;
  readonly domain?: readonly [number, number];
  readonly log?: boolean;
  readonly lengths: readonly number[];
  readonly unit?: string;
  readonly series: readonly { readonly name: string; readonly wanted: Partial<C> }[];
  /** Marked on the axis. */
  readonly trained: number;
  readonly more?: readonly Series[];
}

/** Means over seeds by length, with bands of their 95 % intervals; none where no trial has the metric. */
export function overLengths<C extends Config>(
  trials: readonly Trial<C, Metrics>[],
  { title, caption, name, label, domain, log = false, lengths, unit = "tokens", ...rest }: OverLengths<C>,
): Figure[] {
  const series = rest.series
    .map(({ name: shown, wanted }) => ({ name: shown, points: pointsOver(trials, wanted, name, lengths) }))
    .filter(({ points }) => points.length > 0);
  if (series.length === 0) return [];
  return [
    {
      title,
      caption,
      plot: {
        kind: "line",
        x: { label: `${unit} of a tested sequence`, log: true },
        y: { label, log, ...(domain && { domain }) },
        series: [...series, ...(rest.more ?? [])],
        references: [{ axis: "x", value: rest.trained, label: "trained" }],
      },
    },
  ];
}

/** Loss of single batches of one seed, variant by variant. */
export function curves<C extends Config>(
  trials: readonly Trial<C, Metrics>[],
  title: string,
  nameOf: (config: C) => string,
): Figure[] {
  const seed = Math.min(...trials.map((trial) => trial.seed));
  const series = trials
    .filter((trial) => trial.seed === seed && Array.isArray(trial.metrics.curve))
    .map(({ config, metrics }) => ({
      name: nameOf(config),
      points: (metrics.curve as readonly (readonly [number, number])[]).map(([x, y]) => ({ x, y })), // as fit.ts makes it
    }));
  if (series.length === 0) return [];
  const plot = { kind: "line", x: { label: "step" }, y: { label: "loss (nats)" }, series } as const;
  return [{ title, caption: `Loss of single batches, seed ${seed}.`, plot }];
}
