// The float64 twin of the attention layer, and of every value of its registries. Conformance refuses a value without a twin.
import type { AttentionName } from "../../src/attention";
import type { MaskName } from "../../src/attention/mask";
import type { NormalizerName } from "../../src/attention/normalizer";
import type { PositionName } from "../../src/attention/position";
import type { ScaleName } from "../../src/attention/scale";
import type { Graph } from "./graph";
import {
  addTrailing,
  type Grid,
  linear,
  masked,
  queryKey,
  reshape,
  rope,
  rowsFrom,
  softmax,
  softmaxTwice,
  weighValues,
} from "./ops";

/** Parameters by path, biases perhaps not there. */
type Parameters = Readonly<Record<string, Grid>>;

export interface LayerChoice {
  readonly attention: AttentionName;
  readonly position: PositionName;
  readonly scale: ScaleName;
  readonly mask: MaskName;
  readonly normalizer: NormalizerName;
  readonly heads: number;
  readonly kvHeads: number;
}

interface ScoreInputs {
  readonly x: Grid;
  readonly parameters: Parameters;
  readonly rotate: (g: Graph, x: Grid) => Grid;
  readonly choice: LayerChoice;
  readonly factor: number;
}

/** Logits [B, H, T, T] of x [B, T, C]. */
export const attentionTwins = {
  "dot-product": (g, { x, parameters, rotate, choice, factor }) => {
    const q = rotate(g, split(g, project(g, x, parameters, "layer.scores.query"), choice.heads));
    const k = rotate(g, split(g, project(g, x, parameters, "layer.scores.key"), choice.kvHeads));
    return queryKey(g, q, k, factor);
  },
} satisfies Record<AttentionName, (g: Graph, inputs: ScoreInputs) => Grid>;

interface PositionTwin {
  embed?(g: Graph, x: Grid, parameters: Parameters): Grid;
  rotate?(g: Graph, x: Grid): Grid;
}

export const positionTwins = {
  none: {},
  learned: {
    embed: (g, x, parameters) =>
      addTrailing(g, x, rowsFrom(g, parameters["position.weight"]!, 0, x.shape[1]!)),
  },
  rope: { rotate: (g, x) => rope(g, x, { rotary: x.shape[3]! }) },
} satisfies Record<PositionName, PositionTwin>;

export const scaleTwins = {
  "inverse-sqrt": (width) => width ** -0.5,
  one: () => 1,
} satisfies Record<ScaleName, (width: number) => number>;

export const maskTwins = {
  causal: (query, source) => source <= query,
  bidirectional: () => true,
} satisfies Record<MaskName, (query: number, source: number) => boolean>;

interface NormalizerTwin {
  apply(g: Graph, logits: Grid): Grid;
  /** The same values from the same logits made twice: how the fused kernel gets there, if there is one. */
  fused?(g: Graph, logits: Grid, again: Grid): Grid;
}

export const normalizerTwins = {
  softmax: { apply: softmax, fused: softmaxTwice },
} satisfies Record<NormalizerName, NormalizerTwin>;

/** x [B, T, C] through positions and attention: weights [B, H, T, T] and output [B, T, C]. */
export function attentionLayer(
  g: Graph,
  choice: LayerChoice,
  inputs: Parameters,
  { fused }: { fused: boolean },
): { y: Grid; weights: Grid } {
  const { x, ...parameters } = inputs;
  const position: PositionTwin = positionTwins[choice.position];
  const placed = position.embed?.(g, x!, parameters) ?? x!;
  const scores: ScoreInputs = {
    x: placed,
    parameters,
    rotate: position.rotate ?? ((_, heads) => heads),
    choice,
    factor: scaleTwins[choice.scale](placed.shape[2]! / choice.heads),
  };
  const logits = () => masked(g, attentionTwins[choice.attention](g, scores), maskTwins[choice.mask]);
  const normalizer: NormalizerTwin = normalizerTwins[choice.normalizer];
  const weights =
    fused && normalizer.fused ? normalizer.fused(g, logits(), logits()) : normalizer.apply(g, logits());
  const values = split(g, project(g, placed, parameters, "layer.value"), choice.kvHeads);
  const mixed = reshape(g, weighValues(g, weights, values), placed.shape);
  return { y: project(g, mixed, parameters, "layer.output"), weights };
}

function project(g: Graph, x: Grid, parameters: Parameters, name: string): Grid {
  return linear(g, x, parameters[`${name}.weight`]!, parameters[`${name}.bias`]);
}

/** [B, T, H D] as [B, T, H, D]. */
function split(g: Graph, x: Grid, heads: number): Grid {
  const [B, T, C] = x.shape as [number, number, number];
  return reshape(g, x, [B, T, heads, C / heads]);
}
