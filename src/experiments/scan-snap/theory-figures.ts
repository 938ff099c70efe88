// What `scan-snap-theory` shows: figures 3, 8 and 9 of the paper from the closed forms, and attention in theory mode.
import { exp } from "../../math/exp";
import type { Figure, Reference, Series } from "../figure";
import { where } from "../select";
import { ETA_Y_ONLY, FIGURE_3, FIGURE_8, FIGURE_9, THEOREM_3 } from "./theory-grid";
import type { TheoryConfig, TheoryMetrics, TheoryTrial } from "./theory-run";

type Curve = TheoryMetrics["hCurve"];

export function theoryFigures(trials: readonly TheoryTrial[]): Figure[] {
  const find = (configs: readonly TheoryConfig[]) =>
    configs.flatMap((config) => where(trials, config).slice(0, 1));
  const left8 = find(FIGURE_8.filter(({ tokens }) => tokens === 50));
  const right8 = find(FIGURE_8.filter(({ tokens }) => tokens === 1000));
  const left9 = find(FIGURE_9.filter(({ tokens }) => tokens === 100));
  const right9 = find(FIGURE_9.filter(({ tokens }) => tokens === 10000));
  const paths = find(THEOREM_3);
  return [
    decoderFigure(left8, "How the decoder learns: h, M = 50"),
    decoderFigure(right8, "How the decoder learns: h, M = 1000"),
    figure(
      "The speed of attention: gamma, K = 10, M = 1000",
      "It rises while the decoder scans and dies when it knows; a faster decoder has less time.",
      "time (samples)",
      "gamma",
      curves(find(FIGURE_3), ({ gammaCurve }) => gammaCurve),
      snapTimes(find(FIGURE_3)),
    ),
    figure(
      "How far attention goes: e^(2 B), K = 10, M = 1000",
      "Figure 3 with C0 = 1. Dashed: t0. A slower decoder turns later and goes farther.",
      "time (samples)",
      "e^(2 B)",
      curves(find(FIGURE_3), ({ boundCurve }) => grown(boundCurve)),
      snapTimes(find(FIGURE_3)),
    ),
    figure(
      "B_n at a fixed ratio of the rates: nu = 10, M = 100",
      "Figure 9, left. Every curve passes its t0 (dashed) at the same height, 0.556.",
      "time (samples)",
      "B_n",
      curves(left9, ({ boundCurve }) => boundCurve, "etaZ"),
      snapTimes(left9),
    ),
    figure(
      "B_n at a fixed ratio of the rates: nu = 1, M = 10000",
      "Figure 9, right. The height at t0 is 1.40.",
      "time (samples)",
      "B_n",
      curves(right9, ({ boundCurve }) => boundCurve, "etaZ"),
      snapTimes(right9),
    ),
    figure(
      "Growth within its bounds",
      "Theorem 3 with 4 classes, five common and five distinct tokens: chi of the most frequent token lies between its bounds.",
      "time (samples)",
      "factor",
      boundedGrowth(paths[1]),
      [],
    ),
    figure(
      "A faster decoder leaves denser attention",
      "Entropy over a class's own tokens in theory mode, etaZ 0.5.",
      "time (samples)",
      "entropy (nats)",
      curves(find(ETA_Y_ONLY), ({ path }) => path?.entropy ?? []),
      [],
    ),
  ].filter(({ plot }) => plot.kind !== "line" || plot.series.length > 0);
}

function figure(
  title: string,
  caption: string,
  x: string,
  y: string,
  series: readonly Series[],
  references: readonly Reference[],
): Figure {
  return { title, caption, plot: { kind: "line", x: { label: x }, y: { label: y }, series, references } };
}

function decoderFigure(runs: readonly TheoryTrial[], title: string): Figure {
  const limit = curves(runs, ({ hCurve }) => hCurve);
  const discrete = runs.map(
    ({ config, metrics }): Series => ({
      name: `etaY ${config.etaY}, h*`,
      like: `etaY ${config.etaY}`,
      look: "points",
      points: metrics.hDiscreteCurve.filter((_, s) => s % 5 === 0).map(([x, y]) => ({ x, y })),
    }),
  );
  const caption = "Lines: h of theorem 5; symbols: the discrete h* that it stands for (figure 8).";
  return figure(title, caption, "visits of a class", "h", [...limit, ...discrete], []);
}

function curves(
  runs: readonly TheoryTrial[],
  curve: (metrics: TheoryMetrics) => Curve,
  key: "etaY" | "etaZ" = "etaY",
): Series[] {
  return runs.map(({ config, metrics }) => ({
    name: `${key} ${config[key]}`,
    points: curve(metrics).map(([x, y]) => ({ x, y })),
  }));
}

/** Those that lie within the figure. */
function snapTimes(runs: readonly TheoryTrial[]): Reference[] {
  return runs
    .filter(({ config, metrics }) => metrics.snapTime <= config.until)
    .map(({ metrics }) => ({ axis: "x", value: metrics.snapTime, label: "t0" }));
}

function boundedGrowth(run: TheoryTrial | undefined): Series[] {
  const path = run?.metrics.path;
  if (!path) return [];
  return [
    { name: "chi", points: path.chi.map(([x, y]) => ({ x, y })) },
    { name: "e^(2 f0² B), its floor", points: path.floor.map(([x, y]) => ({ x, y })) },
    { name: "e^(2 B), its ceiling", points: grown(path.bound).map(([x, y]) => ({ x, y })) },
  ];
}

function grown(curve: Curve): Curve {
  return curve.map(([t, B]) => [t, exp(2 * B)] as const);
}
