// What `joma` shows: the toy's dip and rebound, the law of linear units, and z beside its estimate.
import type { Figure, Series } from "../figure";
import { where } from "../select";
import { even, gaussian, invariantOf, linear, random, toyOf, uniform, whole } from "./claims";
import type { Curve } from "./curves";
import type { JomaConfig, JomaTrial, ToyMetrics } from "./run";

export function jomaFigures(trials: readonly JomaTrial[]): Figure[] {
  const toyRun = (config: JomaConfig) => where(trials, config).map(({ metrics }) => toyOf(metrics));
  const [drawn, known] = [toyRun(random), toyRun(even)[0]];
  const [nonlinear, lin] = [toyRun(whole)[0], toyRun(linear)[0]];
  return [
    figure(
      "Sparse, then dense again",
      "Entropy of softmax(v²/3) in the toy of figure 4: tokens with a strong drive are learned first and take the attention; when the others arrive it spreads.",
      "entropy (nats)",
      [
        ...drawn.map(({ entropy }, seed) => series(`random mu, run ${seed + 1}`, entropy)),
        ...(known ? [series("mu evenly from 1 to 4", known.entropy)] : []),
      ],
    ),
    figure(
      "Strong tokens arrive first",
      "Weights v of the toy with mu evenly from 1 to 4.",
      "v",
      known ? components(known) : [],
    ),
    figure(
      "Nonlinear units rest, linear ones run away",
      "v under exponential attention with mu 1, 2, 3. Linear units end in a blow-up near step 405 and attention stays at one token.",
      "v",
      [
        ...(nonlinear ? components(nonlinear) : []),
        ...(lin ? components(lin).map((one) => ({ ...one, name: `${one.name}, linear` })) : []),
      ],
    ),
    ...[gaussian, uniform].flatMap((config) => estimateFigures(trials, config)),
  ].filter(({ plot }) => plot.kind !== "line" || plot.series.length > 0);
}

function estimateFigures(trials: readonly JomaTrial[], config: JomaConfig): Figure[] {
  const runs = where(trials, config).map(({ metrics }) => invariantOf(metrics));
  const first = runs[0];
  if (!first) return [];
  const name = config.data === "gaussian" ? "Gaussian" : "uniform";
  return [
    figure(
      `z and its estimate: ${name} counts`,
      "Correlation over the tokens while a network with softmax attention learns: with both terms of theorem 1, and with the first alone.",
      "correlation",
      [series("both terms", first.correlation), series("first term", first.firstTerm)],
    ),
    {
      title: `z against its estimate at the end: ${name} counts`,
      caption:
        "One dot a token. The theorem leaves a constant open, and the mean attention moves, so it is the order that counts, not the slope.",
      plot: {
        kind: "dot",
        x: { label: "estimate" },
        y: { label: "z" },
        groups: [{ name: "tokens", points: first.z.map((y, m) => ({ x: first.estimate[m]!, y })) }],
      },
    },
  ];
}

function figure(title: string, caption: string, y: string, curves: readonly Series[]): Figure {
  return { title, caption, plot: { kind: "line", x: { label: "step" }, y: { label: y }, series: curves } };
}

function components({ paths }: ToyMetrics): Series[] {
  return paths.map((path, j) => series(`token ${j + 1}`, path));
}

function series(name: string, curve: Curve): Series {
  return { name, points: curve.map(([x, y]) => ({ x, y })) };
}
