// From masked logits to attention weights.
import { log } from "../math/log";
import { squareRelu } from "../ops/activation";
import { scale } from "../ops/arithmetic";
import { scaleRows } from "../ops/broadcast";
import { exp, expL2, share } from "../ops/row-norms";
import { softmax, softmaxInPlace } from "../ops/softmax";
import type { Tensor } from "../tensor/tensor";

/** What a normaliser may ask about the rows of its logits. */
export interface NormalizerRows {
  /** Factors by how many sources a row sees. */
  perRow(f: (n: number) => number): Tensor;
  /** Tokens of a training sequence. */
  readonly trained: number;
  /** Whether nobody else reads the logits, so that the weights may take their memory; not so where nothing is said. */
  readonly owned?: boolean;
}

export interface Normalizer {
  readonly what: string;
  /** Logits [B, H, T, S], -infinity where masked, to weights of the same shape. A row that is all masked gives zeros. */
  apply(logits: Tensor, rows: NormalizerRows): Tensor;
  /** Whether it is the softmax of the fused kernel. */
  readonly fused: boolean;
  /** The factor on the logits of a row that sees n sources, where softmax comes after one. */
  row?(n: number): number;
}

/** Base and smallest n of softmax-plus: below it the factor would do harm (bert4keras, softmax_plus). */
const PLUS_BASE = 512;
const PLUS_FLOOR = 16;

const plus = (n: number): number => log(Math.max(n, PLUS_FLOOR)) / log(PLUS_BASE);

/** A row that sees nothing is all zeros whatever it is divided by. */
const oneOver = (n: number): number => 1 / Math.max(n, 1);

export const normalizers = {
  softmax: {
    what: "exp / sum of exp",
    apply: (logits, { owned }) => (owned ? softmaxInPlace(logits) : softmax(logits)),
    fused: true,
  },
  "softmax-plus": {
    what: "softmax of log_512 max(n, 16) times the logits, n visible sources (Su 2022, kexue.fm/archives/9019)",
    apply: (logits, { perRow }) => softmax(scaleRows(logits, perRow(plus))),
    fused: true,
    row: plus,
  },
  l2: {
    what: "exp / root of the sum of its squares (Su 2022, kexue.fm/archives/9105)",
    apply: (logits) => expL2(logits),
    fused: false,
  },
  none: {
    what: "exp / n: no denominator (Su 2022, kexue.fm/archives/9105)",
    apply: (logits, { perRow }) => scaleRows(exp(logits), perRow(oneOver)),
    fused: false,
  },
  relu2: {
    what: "relu² / n (Hua et al. 2022, arXiv:2202.10447)",
    apply: (logits, { perRow }) => scaleRows(squareRelu(logits), perRow(oneOver)),
    fused: false,
  },
  "relu2-fixed": {
    what: "relu² / m, m tokens of a training sequence (Su 2022, kexue.fm/archives/9019)",
    apply: (logits, { trained }) => scale(squareRelu(logits), 1 / trained),
    fused: false,
  },
  "relu2-normalized": {
    what: "relu² / sum of relu², zeros where no logit is positive (Su 2022, kexue.fm/archives/9019)",
    apply: (logits) => share(squareRelu(logits)),
    fused: false,
  },
} as const satisfies Record<string, Normalizer>;

export type NormalizerName = keyof typeof normalizers;
