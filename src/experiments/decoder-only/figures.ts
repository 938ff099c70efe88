// The figures of `decoder-only`: who learns the rules, ranks by head width, collapse with depth, spectra.
import { transductionRules } from "../../data/transduction";
import type { Bar, Figure, Series } from "../figure";
import { meanInterval } from "../interval";
import { where } from "../select";
import { armNames } from "./arms";
import type { DecoderMetrics, DepthMetrics, DirectionTrial, WeightsMetrics } from "./config";
import { HEAD_WIDTHS, TOKENS } from "./grid";

export function directionFigures(trials: readonly DirectionTrial[]): Figure[] {
  return [
    ...lossFigures(trials),
    ...rankFigures(trials),
    ...depthFigures(trials),
    ...maskedFigures(trials),
    ...spectrumFigures(trials),
  ];
}

function bar(name: string, values: readonly number[], group: string): Bar {
  const { mean, low, high } = meanInterval(values);
  return low === undefined || high === undefined
    ? { name, value: mean, group }
    : { name, value: mean, low: Math.max(0, low), high, group };
}

/** Losses of the trials that have these values; the casts are to what their parts measure. */
function losses(
  trials: readonly DirectionTrial[],
  wanted: Parameters<typeof where<DirectionTrial["config"], DirectionTrial["metrics"]>>[1],
): number[] {
  return where(trials, wanted).map(({ metrics }) => (metrics as DecoderMetrics).loss);
}

function lossFigures(trials: readonly DirectionTrial[]): Figure[] {
  const bars = transductionRules.flatMap((rule) =>
    armNames.flatMap((arm) => {
      const found = losses(trials, { part: "decoders", rule, arm });
      return found.length > 0 ? [bar(arm, found, rule)] : [];
    }),
  );
  if (bars.length === 0) return [];
  const { config } = where(trials, { part: "decoders" })[0]!; // there are bars
  return [
    {
      title: "Who learns a rule from an input to an output",
      caption: `Loss of outputs on fresh sequences after ${config.steps} steps, input of ${config.tokens} symbols, mean over seeds and its 95 % interval. All but T5 x2 have about the same parameters, all saw the same batches, and those without an encoder began with the same weights.`,
      plot: { kind: "bar", value: { label: "loss (nats per output)" }, bars },
    },
  ];
}

function maskedFigures(trials: readonly DirectionTrial[]): Figure[] {
  const names = [...new Set(where(trials, { part: "masked" }).map(({ config }) => config.arm))];
  if (names.length === 0) return [];
  return [
    {
      title: "Encoders of masked text by their masks",
      caption: "Loss of hidden characters on the held-out part, mean over seeds and its 95 % interval.",
      plot: {
        kind: "bar",
        value: { label: "loss (nats per hidden character)" },
        bars: names.map((arm) => bar(arm, losses(trials, { part: "masked", arm }), "")),
      },
    },
  ];
}

const RANKS = [
  ["bidirectional", "softmax of everything"],
  ["causal", "softmax of the past"],
  ["linearCausal", "linear attention of the past"],
] as const;

function rankFigures(trials: readonly DirectionTrial[]): Figure[] {
  const found = HEAD_WIDTHS.map((width) => ({
    width,
    metrics: where(trials, { part: "weights", width, tokens: TOKENS }).map(
      ({ metrics }) => metrics as WeightsMetrics, // of that part
    ),
  })).filter(({ metrics }) => metrics.length > 0);
  if (found.length === 0) return [];
  const series = RANKS.map(
    ([key, name]): Series => ({
      name,
      points: found.map(({ width, metrics }) => {
        const { mean: y, ...interval } = meanInterval(metrics.map((one) => one[key]));
        return { x: width, y, ...interval };
      }),
    }),
  );
  return [
    {
      title: "Effective rank of attention weights by the width of a head",
      caption: `${TOKENS} tokens, Gaussian queries and keys; exp of the entropy of singular values. By this measure the causal matrix is the richer one for narrow heads only; that it has full rank is algebra, which float64 does not see.`,
      plot: {
        kind: "line",
        x: { label: "channels of a head", log: true },
        y: { label: "effective rank" },
        series,
      },
    },
  ];
}

function depthFigures(trials: readonly DirectionTrial[]): Figure[] {
  const arms = [...new Set(where(trials, { part: "depth" }).map(({ config }) => config.arm))];
  if (arms.length === 0) return [];
  const series = arms.map((arm): Series => {
    const runs = where(trials, { part: "depth", arm }).map(({ metrics }) => (metrics as DepthMetrics).left);
    const points = runs[0]!.map((_, layer) => {
      const values = runs.map((left) => left[layer]!);
      return { x: layer + 1, y: values.reduce((sum, value) => sum + value, 0) / values.length };
    });
    return { name: arm, points };
  });
  return [
    {
      title: "How much of a token is its own, layer by layer",
      caption:
        "Attention alone, no residual stream, no MLP: the distance of tokens from their mean over their size, mean over seeds. Below 1e-15 there is only rounding.",
      plot: {
        kind: "line",
        x: { label: "layer" },
        y: { label: "|X - mean| / |X|", log: true, domain: [1e-16, 1] },
        series,
      },
    },
  ];
}

function spectrumFigures(trials: readonly DirectionTrial[]): Figure[] {
  const most = Math.max(...where(trials, { part: "weights" }).map(({ config }) => config.tokens));
  const trial = where(trials, { part: "weights", width: most > 32 ? 16 : 8, tokens: most })[0];
  if (!trial) return [];
  const { spectra } = trial.metrics as WeightsMetrics; // of that part
  return [
    {
      title: "Singular values of attention weights",
      caption: `${most} tokens, heads of 16 channels, seed ${trial.seed}: over the largest. The last ones of the past are below what float64 can tell from 0.`,
      plot: {
        kind: "line",
        x: { label: "singular value, by size" },
        y: { label: "over the largest", log: true },
        series: spectra.map((values, i) => ({
          name: RANKS[i]![1],
          points: values.map(([at, y]) => ({ x: at, y })),
        })),
      },
    },
  ];
}
