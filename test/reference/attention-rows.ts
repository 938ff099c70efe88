// The float64 twins of scales, masks and normalisers.
import type { MaskName, MaskPlace } from "../../src/attention/mask";
import type { NormalizerName } from "../../src/attention/normalizer";
import type { Options } from "../../src/attention/options";
import type { ScaleName } from "../../src/attention/scale";
import type { Graph } from "./graph";
import { type Grid, softmax, softmaxTwice } from "./ops";

export interface ScaleTwinInputs {
  /** Channels of a head, and tokens of a training sequence. */
  readonly D: number;
  readonly trained: number;
  readonly options: Options;
}

/** The factor on products of queries and keys, and the further one on a row that sees n sources. */
export interface ScaleTwin {
  constant(inputs: ScaleTwinInputs): number;
  row?(n: number, inputs: ScaleTwinInputs): number;
}

const logRatio = (n: number, { trained }: ScaleTwinInputs) => Math.log(Math.max(n, 1)) / Math.log(trained);

export const scaleTwins = {
  "inverse-sqrt": { constant: ({ D }) => D ** -0.5 },
  one: { constant: () => 1 },
  "log-n": { constant: ({ D }) => D ** -0.5, row: logRatio },
  "log-n-clipped": { constant: ({ D }) => D ** -0.5, row: (n, inputs) => Math.max(1, logRatio(n, inputs)) },
  "kappa-log-n": {
    constant: ({ D, options }) => (options.kappa || D ** 0.5 / Math.log(512)) / D,
    row: (n) => Math.log(Math.max(n, 1)),
  },
  fixed: { constant: ({ options }) => options.factor },
} satisfies Record<ScaleName, ScaleTwin>;

export const maskTwins: Readonly<
  Record<MaskName, (query: number, source: number, place: MaskPlace) => boolean>
> = {
  causal: (query, source) => source <= query,
  bidirectional: () => true,
};

export interface NormalizerTwin {
  /** @param seen how many sources row r of [B, H, T, S] sees */
  apply(g: Graph, logits: Grid, seen: readonly number[], trained: number): Grid;
  /** The same values from the same logits made twice: how the fused kernel gets there, if there is one. */
  fused?(g: Graph, logits: Grid, again: Grid): Grid;
}

export const normalizerTwins = {
  softmax: { apply: softmax, fused: softmaxTwice },
} satisfies Record<NormalizerName, NormalizerTwin>;
