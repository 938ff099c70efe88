// Integrated gradients (Sundararajan et al. 2017, arXiv:1703.01365): how much of a change of a metric is due to each number of an activation, as it goes
// from a baseline to what it is on a straight line. Attributions are complete: they sum to the change, up to the error of the integral.
import type { LanguageModel } from "../models/model";
import { meantBy } from "../nn/taps";
import type { Shape } from "../tensor/shape";
import { valueAndGradients } from "../tensor/tape";
import { scope, type Tensor, tensor } from "../tensor/tensor";
import type { Metric } from "./metrics";
import { probe, type Sequences, sequenceIds } from "./probe";

export interface GradientPath {
  /** Whose numbers are judged: the embeddings by default. */
  readonly at?: string;
  /** Where the line begins; zeros by default. */
  readonly baseline?: ArrayLike<number>;
  /** Points of the integral, by the midpoint rule, whose error falls with their square. */
  readonly steps?: number;
}

export interface IntegratedGradients {
  readonly shape: Shape;
  /** (x - baseline) times the mean gradient along the line, one for each number. */
  readonly attributions: Float64Array;
  /** Their sums over the last axis: of embeddings [B, T, C], one for each token. */
  readonly rows: Float64Array;
  /** The metric at the end of the line minus at its beginning. */
  readonly change: number;
  /** How far the attributions' sum is from it: the completeness check. More steps make it smaller. */
  readonly missing: number;
}

const STEPS = 64;

/** @throws Error where `at` does not mean one place, and for a baseline of another size */
export function integratedGradients(
  model: LanguageModel,
  tokens: Sequences,
  metric: Metric,
  { at = "token", baseline, steps = STEPS }: GradientPath = {},
): IntegratedGradients {
  const [path, another] = meantBy(at, model.tapPaths) as [string, ...string[]]; // there is one
  if (another !== undefined)
    throw new Error(
      `integratedGradients: at must mean one place, got "${at}", which means ${path}, ${another} ...`,
    );
  if (!(Number.isInteger(steps) && steps >= 1))
    throw new Error(`integratedGradients: steps must be a whole number of at least 1, got ${steps}`);
  const { data, shape } = probe(model, tokens, path)[path]!; // asked for
  if (baseline && baseline.length !== data.length)
    throw new Error(
      `integratedGradients: the baseline must have ${data.length} numbers, as ${path} has, got ${baseline.length}`,
    );
  const start = Float64Array.from(data, (_, i) => baseline?.[i] ?? 0);
  const point = (share: number) =>
    tensor(
      start.map((from, i) => from + share * (data[i]! - from)),
      shape,
    );
  const value = (x: Tensor) => metric(model.logits(sequenceIds(tokens), { taps: { [path]: x } }));
  const sums = new Float64Array(data.length);
  for (let step = 0; step < steps; step++) {
    scope(() => {
      const x = point((step + 0.5) / steps);
      const { gradients } = valueAndGradients(() => value(x), [x]);
      const gradient = gradients[0]!.values(); // of x
      for (let i = 0; i < sums.length; i++) sums[i]! += gradient[i]!;
    });
  }
  const attributions = sums.map((sum, i) => ((data[i]! - start[i]!) * sum) / steps);
  const [last, first] = [1, 0].map((share) => scope(() => value(point(share)).item())) as [number, number];
  const width = shape.at(-1) ?? 1;
  const rows = new Float64Array(data.length / width);
  for (let i = 0; i < attributions.length; i++) rows[Math.floor(i / width)]! += attributions[i]!;
  const change = last - first;
  return { shape, attributions, rows, change, missing: Math.abs(rows.reduce((a, b) => a + b, 0) - change) };
}
