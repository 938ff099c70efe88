// Single rows of attention whose entropy and weights are known: random logits, keys on a sphere, and a needle above equal others.
import { entropy } from "../../analysis/entropy";
import { rowWeights } from "../../analysis/row-weights";
import { sphereEntropy, sphereEntropyLaplace } from "../../analysis/sphere-entropy";
import { log } from "../../math/log";
import type { Rng } from "../../tensor/rng";
import { mean } from "../select";

/** Logits of a deviation of sqrt(ln 512) are where log-n holds the entropy still at 512 tokens. */
export const SHARP = 2.498;
export const DEVIATIONS = [1, SHARP] as const;
const GAUSSIAN_LENGTHS = [16, 64, 512, 4096, 16384] as const;

export type GaussianRow = {
  readonly deviation: number;
  readonly n: number;
  /** Mean entropies in nats, without and with log-n, and the deviations of single rows from them. */
  readonly plain: number;
  readonly plainSpread: number;
  readonly scaled: number;
  readonly scaledSpread: number;
};

/** Logits of `rows` rows of this length are drawn at every shorter one, too, but in no more than 16 times as many rows. */
const PLENTY = 4096;
const MOST = 16;

/** @param trained the length at which log-n changes nothing */
export function gaussianRows(options: {
  readonly rows: number;
  readonly trained: number;
  readonly longest: number;
  readonly rng: Rng;
}): GaussianRow[] {
  const { rows, trained, longest, rng } = options;
  return DEVIATIONS.flatMap((deviation) =>
    GAUSSIAN_LENGTHS.filter((n) => n <= longest).map((n) => {
      const draws = rng.fork("gaussian", deviation, n);
      const [plain, scaled]: [number[], number[]] = [[], []];
      const count = rows * Math.max(1, Math.min(MOST, PLENTY / n));
      for (let row = 0; row < count; row++) {
        const logits = Array.from({ length: n }, () => deviation * draws.normal());
        plain.push(entropy(rowWeights("one", logits, trained)));
        scaled.push(entropy(rowWeights("log-n", logits, trained)));
      }
      return {
        ...{ deviation, n, plain: mean(plain), plainSpread: spread(plain) },
        ...{ scaled: mean(scaled), scaledSpread: spread(scaled) },
      };
    }),
  );
}

function spread(values: readonly number[]): number {
  const center = mean(values);
  const squares = values.reduce((sum, value) => sum + (value - center) * (value - center), 0);
  return Math.sqrt(squares / (values.length - 1));
}

export type SphereRow = {
  readonly d: number;
  readonly lambda: number;
  /** H - ln n. */
  readonly exact: number;
  readonly laplace: number;
};

export function sphereRows(): SphereRow[] {
  const places = [
    ...[32, 64, 96, 128, 256, 512].map((d) => ({ d, lambda: 1 })),
    ...[0.125, 0.25, 0.5, 2].map((lambda) => ({ d: 64, lambda })),
  ];
  return places.map(({ d, lambda }) => ({
    ...{ d, lambda, exact: sphereEntropy(d, lambda), laplace: sphereEntropyLaplace(d, lambda) },
  }));
}

/** Training length of needles, and heights as shares of the critical one, ln 64. */
export const NEEDLE_TRAINED = 64;
export const HEIGHTS = [0.8, 1, 1.2] as const;
const NEEDLE_LENGTHS = [4, 16, 64, 256, 1024, 4096] as const;

export type NeedleRow = {
  /** The needle's logit over ln 64; all others are 0. */
  readonly height: number;
  readonly n: number;
  /** Its weight, without and with log-n. */
  readonly plain: number;
  readonly scaled: number;
};

/** Also at g = 5, of which figures are known. */
export function needleRows(): NeedleRow[] {
  const critical = log(NEEDLE_TRAINED);
  return [...HEIGHTS, 5 / critical].flatMap((height) =>
    NEEDLE_LENGTHS.map((n) => {
      const logits = [height * critical, ...new Array<number>(n - 1).fill(0)];
      const mass = (scale: "one" | "log-n") => rowWeights(scale, logits, NEEDLE_TRAINED)[0]!; // n is at least 4
      return { height, n, plain: mass("one"), scaled: mass("log-n") };
    }),
  );
}
