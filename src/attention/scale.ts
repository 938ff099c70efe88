// The factor on the attention logits: a constant, and for some a further one per row, by how many sources it sees.
import { log } from "../math/log";
import type { Options } from "./options";

export interface ScaleInputs {
  /** Channels of a head. */
  readonly width: number;
  /** Tokens of a training sequence. */
  readonly trained: number;
  readonly options: Options;
}

export interface Scale {
  readonly what: string;
  constant(inputs: ScaleInputs): number;
  /** The further factor of a row that sees n sources. */
  row?(n: number, inputs: ScaleInputs): number;
  /** Whether it divides by the logarithm of the training length, which must then be above 1. */
  readonly comparesLengths?: true;
}

/** Context at which kappa log n / d equals 1 / sqrt(d) by default. */
const PINNED = 512;

const inverseSqrt = ({ width }: ScaleInputs): number => 1 / Math.sqrt(width);

/** log_m n, m the training length. A row that sees nothing or one source gets 0, which changes no weight. */
const logRatio = (n: number, { trained }: ScaleInputs): number => log(Math.max(n, 1)) / log(trained);

export const scales = {
  "inverse-sqrt": {
    what: "1 / sqrt(D) (Vaswani et al. 2017, arXiv:1706.03762, eq. 1)",
    constant: inverseSqrt,
  },
  one: { what: "no scaling, as in T5, where the initialisation takes its place", constant: () => 1 },
  "log-n": {
    what: "log_m n / sqrt(D), n visible sources, m trained ones (Su 2021, kexue.fm/archives/8823; Chiang & Cholak 2022, arXiv:2202.12172)",
    constant: inverseSqrt,
    row: logRatio,
    comparesLengths: true,
  },
  "log-n-clipped": {
    what: "max(1, log_m n) / sqrt(D): for models trained without it (Su 2023, kexue.fm/archives/9708)",
    constant: inverseSqrt,
    row: (n, inputs) => Math.max(1, logRatio(n, inputs)),
    comparesLengths: true,
  },
  "kappa-log-n": {
    what: "kappa ln n / D (Su 2021, kexue.fm/archives/8823)",
    constant: ({ width, options }) => (options.kappa || Math.sqrt(width) / log(PINNED)) / width,
    row: (n) => log(Math.max(n, 1)),
  },
  fixed: { what: "the number given as factor", constant: ({ options }) => options.factor },
} as const satisfies Record<string, Scale>;

export type ScaleName = keyof typeof scales;
