// What made-up-name shows: who answers what, how recall is learned, and the heads of both models on a known and on a made-up name.
import type { Bar, Figure, Point } from "../figure";
import { meanInterval } from "../interval";
import { mean, where } from "../select";
import { oneLayer, twoLayers } from "./names-claims";
import type { NamesMetrics, NamesTrial } from "./names-run";

const MODELS = [
  ["one layer", oneLayer],
  ["two layers", twoLayers],
] as const;

const QUESTIONS: readonly (readonly [string, (metrics: NamesMetrics) => number])[] = [
  ["known name", ({ known }) => known],
  ["known, beside another", ({ two }) => two],
  ["made-up name", ({ novel }) => novel],
  ["made-up, beside a known", ({ novel2 }) => novel2],
  ["whose of two names", ({ bindingNames }) => bindingNames],
  ["whose of two made-up", ({ bindingNovel }) => bindingNovel],
];

export function namesFigures(trials: readonly NamesTrial[]): Figure[] {
  const models = MODELS.map(([name, wanted]) => ({ name, trials: where(trials, wanted) })).filter(
    ({ trials }) => trials.length > 0,
  );
  return [
    {
      title: "Who knows whom",
      caption:
        "Shares of right answers, mean over seeds and its 95 % interval. To guess whose of two is right in half of all cases.",
      plot: {
        kind: "bar",
        value: { label: "share right", domain: [0, 1] },
        bars: QUESTIONS.flatMap(([group, value]) =>
          models.map(
            ({ name, trials }): Bar => ({
              name,
              group,
              ...share(trials.map(({ metrics }) => value(metrics))),
            }),
          ),
        ),
        references: [{ value: 0.5, label: "a guess of two" }],
      },
    },
    {
      title: "Recall while training",
      caption:
        "Share of values right whose pair was told before: mean over seeds, and from the worst to the best.",
      plot: {
        kind: "line",
        x: { label: "step" },
        y: { label: "share right", domain: [0, 1] },
        series: models.map(({ name, trials }) => ({ name, points: curveOf(trials) })),
      },
    },
    ...models.flatMap(({ name, trials: [first] }) =>
      (["novel", "known"] as const).flatMap((kind) => (first ? [headsFigure(name, kind, first)] : [])),
    ),
  ];
}

function curveOf(trials: readonly NamesTrial[]): Point[] {
  return (trials[0]?.metrics.curve ?? []).map(([x], i) => {
    const values = trials.map(({ metrics }) => metrics.curve[i]![1]); // equal steps
    return { x, y: mean(values), low: Math.min(...values), high: Math.max(...values) };
  });
}

function share(values: readonly number[]) {
  const { mean: value, low, high } = meanInterval(values);
  if (low === undefined || high === undefined) return { value };
  return { value, low: Math.max(0, low), high: Math.min(1, high) };
}

function headsFigure(name: string, kind: "known" | "novel", { metrics, seed }: NamesTrial): Figure {
  const { tokens, targets, heads, likeliest } = metrics.shown[kind];
  const toAnswer = ({ toKnown, toNovel }: (typeof metrics.heads)[number]) =>
    kind === "known" ? toKnown : toNovel;
  const says = likeliest.map(({ word, probability }) => `${word} ${probability.toFixed(2)}`).join(", ");
  return {
    title: `Heads of ${name}: ${kind === "known" ? "a known" : "a made-up"} name`,
    caption: `The last row asks: what follows ${tokens.at(-1)}? It was ${targets.at(-1)}; likeliest are ${says}. Choose "logit effect" to see what each source adds to the word that came next. Seed ${seed}.`,
    plot: { kind: "attention", tokens, targets, heads, first: mostOf(metrics.heads.map(toAnswer)) },
  };
}

/** Index of the largest. */
function mostOf(values: readonly number[]): number {
  return values.indexOf(Math.max(...values));
}
