// What `position-probe` shows: the whole zoo as tables, by value and by training, then the tasks on random tokens.
import { log } from "../../math/log";
import type { Trial } from "../experiment";
import type { Bar, Figure } from "../figure";
import { meanInterval } from "../interval";
import type { ProbeConfig, ProbeMetrics } from "../position-probe";
import { mean, where } from "../select";
import { curves } from "./figures";

type ProbeTrial = Trial<ProbeConfig, ProbeMetrics>;

export function probeFigures(trials: readonly ProbeTrial[]): Figure[] {
  const constant = where<ProbeConfig, ProbeMetrics>(trials, { part: "constant", marked: false });
  const masks = [...new Set(constant.map(({ config }) => config.mask))];
  const tasks = trials.filter(({ config }) => config.part === "identify" || config.part === "even");
  return [
    ...masks.flatMap((mask) =>
      zooFigures(
        constant.filter(({ config }) => config.mask === mask),
        mask,
      ),
    ),
    ...taskFigure(tasks),
    ...curves(tasks, "Training on random tokens", ({ part, ...config }) => `${part}: ${remedyOf(config)}`),
  ];
}

/** Position by normaliser: what training left of ln n, and what random weights tell apart. */
function zooFigures(trials: readonly ProbeTrial[], mask: string): Figure[] {
  const n = trials[0]?.config.n ?? 1;
  const rows = [...new Set(trials.map(({ config }) => config.position))];
  const columns = [...new Set(trials.map(({ config }) => config.normalizer))];
  const table = (value: (found: readonly ProbeTrial[]) => number) =>
    rows.map((position) =>
      columns.map((normalizer) => {
        const found = where<ProbeConfig, ProbeMetrics>(trials, { position, normalizer });
        return found.length > 0 ? value(found) : null;
      }),
    );
  const numbers = (found: readonly ProbeTrial[], name: string) =>
    found.map(({ metrics }) => Number(metrics[name]));
  const shared = { kind: "heat", x: "normaliser", y: "position", columns, rows } as const;
  return [
    {
      title: `Learning to number ${n} equal tokens, ${mask}`,
      caption: `Loss after training, mean over seeds: ln ${n} = ${log(n).toFixed(2)} is blind, ln 2 = 0.69 knows all but left from right, 0 numbers them.`,
      plot: {
        ...shared,
        values: table((found) => mean(numbers(found, "loss"))),
        value: { label: "loss (nats)", domain: [0, log(n)] },
      },
    },
    {
      title: `What random weights tell apart, ${mask}`,
      caption:
        "Largest difference of two rows of logits over the largest logit, the most of all seeds, as powers of ten: -6 and below is the rounding of float32.",
      plot: {
        ...shared,
        values: table((found) => log(Math.max(1e-9, ...numbers(found, "spread"))) / log(10)),
        value: { label: "log10 of the difference", domain: [-9, 0] },
      },
    },
  ];
}

function remedyOf({ position, normalizer, marked }: Pick<ProbeConfig, "position" | "normalizer" | "marked">) {
  return `${position}, ${normalizer}${marked ? ", marked" : ""}`;
}

function taskFigure(trials: readonly ProbeTrial[]): Figure[] {
  if (trials.length === 0) return [];
  const names = [...new Set(trials.map(({ config }) => `${config.part}: ${remedyOf(config)}`))];
  const bars = names.map((name): Bar => {
    const [part, remedy] = name.split(": ") as [string, string]; // as made above
    const mine = trials.filter(({ config }) => config.part === part && remedyOf(config) === remedy);
    const { mean, low, high } = meanInterval(mine.map(({ metrics }) => Number(metrics.accuracy)));
    return {
      ...{ group: part, name: remedy, value: mean },
      ...(low !== undefined && high !== undefined && { low, high }),
    };
  });
  return [
    {
      title: "Random tokens: which place, and every second token",
      caption:
        "Share of right labels on fresh sequences; means over seeds and their 95 % intervals. Even: only the first half, which asks for tokens.",
      plot: { kind: "bar", value: { label: "accuracy" }, bars },
    },
  ];
}
