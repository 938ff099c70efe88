// What nbce-cost shows: time and memory over the number of contexts.
import type { Figure, Series } from "../figure";
import { meanInterval } from "../interval";
import type { CostMetrics, CostTrial } from "../nbce-cost";

export function costFigures(trials: readonly CostTrial[]): Figure[] {
  const [first] = trials;
  if (!first) return [];
  const { counts } = first.metrics;
  const alike = trials.filter(({ config }) => config.contexts === first.config.contexts);
  const series = (name: string, of: (metrics: CostMetrics) => readonly number[]): Series => ({
    name,
    points: counts.map((x, i) => ({ x, ...point(alike.map(({ metrics }) => of(metrics)[i]!)) })), // one for each count
  });
  /** Four times as much for four times as many. */
  const linear = (of: (metrics: CostMetrics) => readonly number[]): Series => ({
    name: "proportional to n",
    look: "faint",
    points: counts.map((x) => ({
      x,
      y: meanInterval(alike.map(({ metrics }) => of(metrics)[0]!)).mean * x,
    })),
  });
  const { length, asked } = first.config;
  const x = { label: "contexts n", log: true } as const;
  return [
    {
      title: "Time to read",
      caption: `Texts of ${length} tokens and a question of ${asked}: in a batch with the question alone beside them, one after another, and in one prompt, where every token sees all before it. The least of rounds, mean over seeds.`,
      plot: {
        kind: "line",
        x,
        y: { label: "milliseconds", log: true },
        series: [
          series("a batch of contexts", ({ prefill }) => prefill),
          series("one by one", ({ apartPrefill }) => apartPrefill),
          series("one long prompt", ({ longPrefill }) => longPrefill),
          linear(({ longPrefill }) => longPrefill),
        ],
      },
    },
    {
      title: "Time for a token",
      caption:
        "A token for every row: the batch shares its products, runs one by one do not; one long prompt has a single row.",
      plot: {
        kind: "line",
        x,
        y: { label: "milliseconds", log: true },
        series: [
          series("a batch of contexts", ({ token }) => token),
          series("one by one", ({ apartToken }) => apartToken),
          series("one long prompt", ({ longToken }) => longToken),
        ],
      },
    },
    {
      title: "Memory of keys and values",
      caption:
        "Counted, not estimated: what is alive while tokens are made. A row for each context and one for the question alone.",
      plot: {
        kind: "line",
        x,
        y: { label: "kilobytes", log: true },
        series: [
          series("a batch of contexts", ({ bytes }) => bytes.map((count) => count / 1024)),
          series("one long prompt", ({ longBytes }) => longBytes.map((count) => count / 1024)),
        ],
      },
    },
  ];
}

function point(values: readonly number[]) {
  const { mean, low, high } = meanInterval(values);
  return { y: mean, ...(low !== undefined && high !== undefined && low > 0 && { low, high }) };
}
