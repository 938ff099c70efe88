// The float64 twin of the attention layer, made of the twins of the registries' values. Conformance refuses a value without a twin.
import { completeOptions, type Options } from "../../src/attention/options";
import type { AttentionChoice } from "../../src/attention/rules";
import { indexTwins, type Parameters, type PositionTwin, positionTwins } from "./attention-positions";
import {
  hidesFuture,
  maskTwins,
  type NormalizerTwin,
  normalizerTwins,
  type ScaleTwin,
  type ScaleTwinInputs,
  scaleTwins,
} from "./attention-rows";
import { attentionTwins, linearMix, linearTwins, project, type ScoreInputs, split } from "./attention-scores";
import type { Graph } from "./graph";
import { add, addTrailing, type Grid, map, mapRows, multiply, reshape, weighValues } from "./ops";

export interface LayerChoice extends AttentionChoice, Partial<Options> {
  readonly kvHeads: number;
}

export interface LayerRun {
  /** Whether logits are made twice, as the fused kernel does. */
  readonly fused: boolean;
  readonly context: number;
  readonly layer?: number;
  /** Positions; those of a test by default. */
  readonly at?: readonly number[];
  /** Tokens of each sequence, at the start or at the end. */
  readonly padding?: { readonly lengths: readonly number[]; readonly side: "left" | "right" };
}

/** x [B, T, C] through positions and attention: weights [B, H, T, T] and output [B, T, C]. */
export function attentionLayer(
  g: Graph,
  choice: LayerChoice,
  { x, ...parameters }: Parameters,
  run: LayerRun,
): { y: Grid; weights: Grid } {
  const [B, T, C] = x!.shape as [number, number, number];
  const { heads, kvHeads } = choice;
  const setup = setUp(choice, parameters, run, { B, T, C, D: C / heads });
  const { position, inputs, at, real } = setup;
  const embedded = position.embed?.(g, at, C, inputs);
  const placed = embedded ? addTrailing(g, x!, embedded) : x!;
  const asked = position.embedScores?.(g, at, C, inputs);
  const scores: ScoreInputs = {
    ...{ parameters, position, inputs, at, heads, kvHeads, context: run.context, place: "layer.scores" },
    x: asked ? addTrailing(g, placed, asked) : placed,
    factor: setup.factor,
  };
  const values = split(g, project(g, placed, parameters, "layer.value"), kvHeads);
  const finish = (mixed: Grid, weights: Grid) => ({
    y: project(g, reshape(g, mixed, placed.shape), parameters, "layer.output"),
    weights,
  });
  const feature = linearTwins[choice.attention];
  if (feature) {
    const counts = (b: number, s: number) => real(b)(s);
    const none = { shape: [B, heads, 0, 0], data: [] };
    return finish(linearMix(g, scores, feature, values, { causal: inputs.causal, counts }), none);
  }
  const weights = weighed(g, () => attentionTwins[choice.attention](g, scores), choice, setup, run);
  return finish(weighValues(g, weights, values), weights);
}

export type Setup = ReturnType<typeof setUp>;

/** What the choice amounts to for B sequences of T tokens with C channels and heads of D. */
export function setUp(
  choice: Omit<LayerChoice, "kvHeads" | "attention">,
  parameters: Parameters,
  { layer = 0, context, padding, at: given }: LayerRun,
  { B, T, C, D }: { B: number; T: number; C: number; D: number },
) {
  const { heads } = choice;
  const options = completeOptions("twin", choice);
  const future = hidesFuture(choice.mask);
  const at = given ?? indexTwins[choice.index](T, context, options, future !== "never");
  const position: PositionTwin = positionTwins[choice.position];
  const inputs = { parameters, options, heads, layer, headWidth: D, causal: future === "always" };
  const scaleInputs: ScaleTwinInputs = { D, trained: options.trained || context, options };
  const scale: ScaleTwin = scaleTwins[choice.scale];
  const real = (b: number) => (s: number) => {
    const length = padding?.lengths[b] ?? T;
    return padding?.side === "left" ? s >= T - length : s < length;
  };
  const rows = Array.from({ length: B * heads * T }, (_, r) => {
    const [b, head, t] = [Math.floor(r / (heads * T)), Math.floor(r / T) % heads, r % T];
    const place = { layer, head, heads, window: options.window, prefix: options.prefix };
    return {
      head,
      t,
      sees: Array.from({ length: T }, (_, s) => real(b)(s) && maskTwins[choice.mask](t, s, place)),
    };
  });
  return {
    at,
    position,
    inputs,
    scale,
    scaleInputs,
    factor: scale.constant(scaleInputs),
    real,
    rows,
    sizes: { B, T, C },
  };
}

/** Weights [B, H, T, T] from raw scores. */
export function weighed(
  g: Graph,
  raw: () => Grid,
  { normalizer: name, heads }: Pick<LayerChoice, "normalizer" | "heads">,
  { at, position, inputs, scale, scaleInputs, rows, sizes }: Setup,
  { fused }: Pick<LayerRun, "fused">,
): Grid {
  const { B, T } = sizes;
  const seen = rows.map(({ sees }) => sees.filter(Boolean).length);
  const pairwise = (part: "bias" | "factor"): Grid | undefined => {
    const f = position[part];
    if (!f) return undefined;
    const data = rows.flatMap(({ head, t }) => at.map((source) => f(g, head, at[t]! - source, inputs)));
    return { shape: [B, heads, T, T], data };
  };
  const logits = () => {
    const { row } = scale;
    const scores = raw();
    const scaled = row
      ? mapRows(scores, (values, r) => values.map((value) => g.scale(value, row(seen[r]!, scaleInputs))))
      : scores;
    const bias = pairwise("bias");
    const biased = bias ? add(g, scaled, bias) : scaled;
    return map(biased, (value, i) =>
      rows[Math.floor(i / T)]!.sees[i % T] ? value : g.leaf(Number.NEGATIVE_INFINITY),
    );
  };
  const normalizer: NormalizerTwin = normalizerTwins[name];
  const normalized =
    fused && normalizer.fused
      ? normalizer.fused(g, logits(), g.elsewhere(logits), seen)
      : normalizer.apply(g, logits(), seen, scaleInputs.trained);
  const factor = pairwise("factor");
  return factor ? multiply(g, normalized, factor) : normalized;
}
