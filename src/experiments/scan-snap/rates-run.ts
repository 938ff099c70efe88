// One run of the one-layer model as `scan-snap-rates` looks at it: where it ends, and for expected (population) runs when its phases are.
import type { Rng } from "../../tensor/rng";
import type { Grid, Trial } from "../experiment";
import { classAttention, classMean, distinctEntropy, recall } from "./metrics";
import { ETA_Z, FIGURE_6, RATIOS, THRESHOLDS } from "./paper";
import { learnerOf, type OneLayerConfig, synSmall } from "./settings";

export type RatesMetrics = {
  /** Nats over a class's own tokens, mean over classes. */
  readonly finalEntropy: number;
  /** Share of own tokens at or above each of `thresholdsOf(config)`, mean over classes. */
  readonly recall: readonly number[];
  /** First step with e^-loss >= 1/2; -1 where there is none. */
  readonly halfStep: number;
  /** The step with the largest rise of the most frequent own token's z. */
  readonly fastestStep: number;
  /** Whether that z rose, and the common token's fell, at every step but the first, whose Y = 0 gives attention no gradient. */
  readonly monotone: boolean;
  /** Population runs only: that z before each update and at the end, and the loss. */
  readonly topLogit: readonly number[];
  readonly loss: readonly number[];
};

export type RatesTrial = Trial<OneLayerConfig, RatesMetrics>;

const THRESHOLD_COUNT = 11;
const YIELDS = 20;

export function* ratesTrial(config: OneLayerConfig, rng: Rng): Generator<number, RatesMetrics, void> {
  const { data, learner } = learnerOf(config, rng);
  const { query, support } = data.classes[0]!; // makeClasses gives at least one
  const loss: number[] = [];
  const top: number[] = [];
  const common: number[] = [];
  const look = () => {
    const z = learner.attentionLogits(query);
    top.push(z[support.at(-1)!]!);
    common.push(z[support[0]!]!);
  };
  try {
    for (let step = 0; step < config.steps; step++) {
      look();
      loss.push(learner.step());
      if (step % YIELDS === 0) yield step / config.steps;
    }
    look();
    const rise = top.slice(1).map((z, step) => z - top[step]!);
    const fall = common.slice(1).map((z, step) => common[step]! - z);
    const half = Math.LN2;
    const expected = config.mode === "population";
    return {
      finalEntropy: classMean(data, (one) =>
        distinctEntropy(classAttention(one, learner.attentionLogits(one.query)), data),
      ),
      recall: thresholdsOf(config).map((threshold) =>
        classMean(data, (one) => recall(one, data.common, learner.attentionLogits(one.query), threshold)),
      ),
      halfStep: loss.findIndex((value) => value <= half),
      fastestStep: rise.indexOf(Math.max(...rise)),
      monotone: [...rise.slice(1), ...fall.slice(1)].every((by) => by > 0),
      topLogit: expected ? top : [],
      loss: expected ? loss : [],
    };
  } finally {
    learner.release();
  }
}

/** The thresholds of figures 11 and 12 for this number of queries; none for others. */
export function thresholdsOf({ preset, numLast }: OneLayerConfig): number[] {
  const range = preset === "synMedium" ? THRESHOLDS[numLast] : undefined;
  if (!range) return [];
  const [low, high] = range;
  return Array.from({ length: THRESHOLD_COUNT }, (_, i) => low + (i * (high - low)) / (THRESHOLD_COUNT - 1));
}

/** A cell of figure 6. */
export function cell(numLast: number, etaZ: number, ratio: number): OneLayerConfig {
  return {
    ...synSmall,
    mode: "minibatch",
    preset: "synMedium",
    numLast,
    nextPerLast: 2,
    etaY: ratio * etaZ,
    etaZ,
  };
}

/** One query, four classes, one common token, 200 tokens, no momentum: the setting in which the phases can be told apart. */
export function phases(etaY: number, etaZ: number): OneLayerConfig {
  return {
    ...synSmall,
    preset: "snapSingleCT",
    numLast: 1,
    nextPerLast: 4,
    tokens: 200,
    momentum: 0,
    steps: 450,
    etaY,
    etaZ,
  };
}

export const PHASE_RATES = [0.5, 1, 2, 4] as const;
/** etaY and etaZ of the other runs for the speed after the snap. */
const OTHERS = [
  [0.5, 0.2],
  [1, 0.2],
  [4, 0.4],
] as const;
export const allPhases: readonly OneLayerConfig[] = [
  ...PHASE_RATES.map((etaY) => phases(etaY, 0.1)),
  ...OTHERS.map(([etaY, etaZ]) => phases(etaY, etaZ)),
];
export const SIZES = Object.keys(FIGURE_6).map(Number);
const cells = SIZES.flatMap((size) =>
  ETA_Z.flatMap((etaZ) => RATIOS.map((ratio) => cell(size, etaZ, ratio))),
);

export const ratesGrid: Readonly<Record<"smoke" | "full", Grid<OneLayerConfig>>> = {
  smoke: { configs: [cell(3, 1, 2), cell(3, 1, 10), ...allPhases], seeds: [1], budgetSeconds: 4 },
  full: { configs: [...cells, ...allPhases], seeds: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], budgetSeconds: 600 },
};
