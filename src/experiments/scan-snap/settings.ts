// The settings of a run of the one-layer model, checked once, before any step.
import type { Rng } from "../../tensor/rng";
import { type Classes, type ClassOptions, linspace, makeClasses } from "./classes";
import { type Learner, type LearnerOptions, learner64 } from "./learner";
import { learner32 } from "./learner32";

export type OneLayerConfig = {
  readonly mode: string;
  readonly preset: string;
  /** Query tokens. */
  readonly numLast: number;
  /** Classes that share a query. */
  readonly nextPerLast: number;
  /** M; 0 takes as many as are needed. */
  readonly tokens: number;
  readonly etaY: number;
  readonly etaZ: number;
  /** Of SGD. */
  readonly momentum: number;
  readonly optimizer: string;
  readonly steps: number;
  /** Sequences in a minibatch, and T, tokens in one with its query. */
  readonly batch: number;
  readonly length: number;
  readonly precision: string;
};

interface Preset extends Pick<ClassOptions, "commonWeights" | "distinctWeights"> {
  readonly zeroInit: boolean;
}

const tenAndTen = { commonWeights: Array<number>(10).fill(1), distinctWeights: linspace(0.1, 1, 10) };
const presets: Readonly<Record<string, Preset>> = {
  synSmall: { ...tenAndTen, zeroInit: true },
  synMedium: { ...tenAndTen, zeroInit: false },
  /** One common token and five distinct ones per class, as in theorem 4. */
  snapSingleCT: { commonWeights: [0.5], distinctWeights: linspace(0.1, 1, 5), zeroInit: true },
};

/** The words that each setting may have. */
export const oneLayerChoices = {
  mode: ["population", "minibatch"],
  preset: Object.keys(presets),
  optimizer: ["sgd", "adam"],
  precision: ["f64", "f32"],
} as const;

/** Syn-Small as the authors train it. */
export const synSmall: OneLayerConfig = {
  mode: "population",
  preset: "synSmall",
  numLast: 2,
  nextPerLast: 1,
  tokens: 0,
  etaY: 1,
  etaZ: 1,
  momentum: 0.9,
  optimizer: "sgd",
  steps: 100,
  batch: 128,
  length: 128,
  precision: "f64",
};

/** @throws RangeError that names the setting */
export function expectOneLayer(config: OneLayerConfig): void {
  for (const [key, words] of Object.entries(oneLayerChoices)) {
    const value = config[key as keyof typeof oneLayerChoices]; // its own key
    if (!(words as readonly string[]).includes(value))
      throw new RangeError(`scan-snap: ${key} must be one of ${words.join(", ")}, got "${value}"`);
  }
  for (const key of ["etaY", "etaZ"] as const) {
    if (!(config[key] > 0 && config[key] < Infinity))
      throw new RangeError(`scan-snap: ${key} must be above 0, got ${config[key]}`);
  }
  if (!(config.momentum >= 0 && config.momentum < 1))
    throw new RangeError(`scan-snap: momentum must be in [0, 1), got ${config.momentum}`);
  for (const [key, least] of Object.entries({ steps: 1, batch: 1, length: 2, tokens: 0 })) {
    const value = config[key as "steps" | "batch" | "length" | "tokens"]; // its own key
    if (!(Number.isInteger(value) && value >= least)) {
      const what = key === "length" ? "length (T, a context token and the query at least)" : key;
      throw new RangeError(`scan-snap: ${what} must be a whole number of at least ${least}, got ${value}`);
    }
  }
  classesOf(config);
}

export function classesOf({ preset, numLast, nextPerLast, tokens }: OneLayerConfig): Classes {
  const { commonWeights, distinctWeights } = presets[preset]!; // a preset by expectOneLayer
  return makeClasses({
    queries: numLast,
    nextPerQuery: nextPerLast,
    commonWeights,
    distinctWeights,
    ...(tokens > 0 && { tokens }),
  });
}

/** @throws RangeError as expectOneLayer */
export function learnerOf(config: OneLayerConfig, rng: Rng): { data: Classes; learner: Learner } {
  expectOneLayer(config);
  const data = classesOf(config);
  const draws = rng.fork("draws");
  // The words were checked above.
  const options: LearnerOptions = {
    etaY: config.etaY,
    etaZ: config.etaZ,
    momentum: config.momentum,
    optimizer: config.optimizer as LearnerOptions["optimizer"],
    mode: config.mode as LearnerOptions["mode"],
    batch: config.batch,
    length: config.length,
    zeroInit: presets[config.preset]!.zeroInit,
    draw: () => draws.uniform(),
  };
  return { data, learner: config.precision === "f32" ? learner32(data, options) : learner64(data, options) };
}
