// The settings and metrics of `decoder-only`, part by part.
import type { Trial } from "../experiment";

export type DirectionConfig = {
  /** weights: ranks and determinants. exact: matrices whose rank is known. depth: what is left of tokens without a residual stream.
   * identity: whether two ways to say GPT are one. decoders: who learns a rule. masked: encoders of triangles. */
  readonly part: string;
  /** A mask of `depth` and `masked`, a name in arms.ts for `decoders`; "" elsewhere. */
  readonly arm: string;
  /** Of data/transduction.ts, for `decoders` and `identity`; "" elsewhere. */
  readonly rule: string;
  /** Channels of a head in `weights` and `depth`, of the model elsewhere. */
  readonly width: number;
  /** Tokens; for `decoders` and `identity` those of the input. */
  readonly tokens: number;
  /** Of training; 0 where nothing learns. */
  readonly steps: number;
};

export type WeightsMetrics = {
  /** exp of the entropy of singular values as shares of their sum: softmax of everything, of the past. */
  readonly bidirectional: number;
  readonly causal: number;
  /** The same of linear attention with features e^x, of the past. */
  readonly linearCausal: number;
  /** Singular values above a millionth of the largest: softmax of everything, linear attention of everything. */
  readonly bidirectionalRank: number;
  readonly linearRank: number;
  /** ln det of softmax of the past: the sum of ln a_ii, which is exact, and what elimination finds, with its sign. */
  readonly logDeterminant: number;
  readonly eliminated: number;
  readonly sign: number;
  /** log10 of the largest singular value over the smallest, softmax of the past. */
  readonly condition: number;
  /** Largest error of values that forward substitution finds again from outputs of the past. */
  readonly recovered: number;
  /** The error that outputs bring along which are rounded to float64, whoever looks for the values: max of u |A⁻¹| |A v|, u = 2⁻⁵³. */
  readonly rounding: number;
  /** Some singular values over the largest, with their numbers: of everything and of the past. */
  readonly spectra: readonly (readonly (readonly [number, number])[])[];
};

export type ExactMetrics = {
  /** Softmax of the past, 8 scores of zero a row: 1 / 8! */
  readonly zeroDeterminant: number;
  /** Softmax of everything, the same scores: 1. */
  readonly zeroRank: number;
  /** Scores q k of one channel, sorted and distinct, 5 by 5: 1, and after softmax of everything 5, with a determinant above 0. */
  readonly scoreRank: number;
  readonly positiveRank: number;
  readonly positiveSign: number;
};

export type DepthMetrics = {
  /** |X - mean over tokens| / |X| after each layer. */
  readonly left: readonly number[];
  /** Singular values of the last X above a millionth of its largest. */
  readonly rank: number;
};

export type DecoderMetrics = {
  readonly parameters: number;
  /** On fresh sequences: nats per output, share of outputs that are right. */
  readonly loss: number;
  readonly accuracy: number;
  /** Pairs of step and loss. */
  readonly curve: readonly (readonly [number, number])[];
};

export type IdentityMetrics = {
  /** Largest difference over steps of the losses of two trainings, in nats. */
  readonly difference: number;
  readonly firstLoss: number;
  readonly lastLoss: number;
};

export type DirectionMetrics =
  | WeightsMetrics
  | ExactMetrics
  | DepthMetrics
  | IdentityMetrics
  | DecoderMetrics;
export type DirectionTrial = Trial<DirectionConfig, DirectionMetrics>;
