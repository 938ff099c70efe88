// What the speed experiment shows: measured times beside the count of multiply-adds, over the length, for each batch size.
import type { Figure } from "../figure";
import { meanInterval } from "../interval";
import { type SpeedTrial, TIMED } from "../synthesizer-speed";

export function speedFigures(trials: readonly SpeedTrial[]): Figure[] {
  const batches = [...new Set(trials.map(({ config }) => config.batch))];
  return batches.flatMap((batch) => {
    const mine = trials.filter(({ config }) => config.batch === batch);
    const lengths = [...new Set(mine.map(({ config }) => config.context))].sort((a, b) => a - b);
    const at = (context: number) => mine.filter(({ config }) => config.context === context);
    const others = TIMED.filter((name) => name !== "V");
    return [
      {
        title: `Time over that of dot products, batch ${batch}`,
        caption:
          "One layer forward, the median of rounds in turns, mean over seeds; points are the ratios of multiply-adds by the formulas. R has its weights kept. V runs in the fused kernel, the others do not.",
        plot: {
          kind: "line",
          x: { label: "tokens", log: true },
          y: { label: "ratio to V" },
          series: [
            ...others.map((name) => ({
              name: `${name} measured`,
              points: lengths.map((x) => ({
                x,
                y: mean(at(x).map(({ metrics }) => metrics.milliseconds[name] / metrics.milliseconds.V)),
              })),
            })),
            ...others.map((name) => ({
              name: `${name} by multiply-adds`,
              like: `${name} measured`,
              look: "points" as const,
              points: lengths.map((x) => ({ x, y: mean(at(x).map(({ metrics }) => metrics.model[name])) })),
            })),
          ],
          references: [{ value: 1, label: "V" }],
        },
      },
      {
        title: `Milliseconds, batch ${batch}`,
        caption: "One layer forward of width 64 in 4 heads, mean over seeds.",
        plot: {
          kind: "line",
          x: { label: "tokens", log: true },
          y: { label: "milliseconds", log: true },
          series: TIMED.map((name) => ({
            name,
            points: lengths.map((x) => ({
              x,
              y: mean(at(x).map(({ metrics }) => metrics.milliseconds[name])),
            })),
          })),
        },
      },
    ];
  });
}

function mean(values: readonly number[]): number {
  return meanInterval(values).mean;
}
