// One setting of Scan and Snap's theory, evaluated: closed forms over time and, where the setting has context tokens, attention in theory
// mode with the statements of theorems 2 and 3 measured along the way.
import { exp } from "../../math/exp";
import type { Rng } from "../../tensor/rng";
import type { Trial } from "../experiment";
import { type Classes, linspace, makeClasses } from "./classes";
import { decoderError, gradientError } from "./identities";
import { classAttention, classMean, distinctEntropy, relativeGain } from "./metrics";
import { bound, gamma, gammaPeak, h, halfTime, hDiscrete, snapTime } from "./theory";
import { theoryMode } from "./theory-mode";

export type TheoryConfig = {
  /** M and K. */
  readonly tokens: number;
  readonly classes: number;
  readonly etaY: number;
  readonly etaZ: number;
  /** Last time, in samples. */
  readonly until: number;
  /** Context tokens of each class, on one query; 0 distinct ones leave the closed forms. */
  readonly common: number;
  readonly commonWeight: number;
  readonly distinct: number;
  /** Of Runge-Kutta. */
  readonly step: number;
};

type Curve = readonly (readonly [x: number, y: number])[];

export type TheoryMetrics = {
  readonly gradientError: number;
  readonly decoderError: number;
  /** After until/K visits of a class. */
  readonly hDiscrete: number;
  readonly h: number;
  /** h* - h over the visits, as a share of its bound 2 etaY/M: least and most. */
  readonly gapLow: number;
  readonly gapHigh: number;
  readonly snapTime: number;
  readonly halfTime: number;
  readonly peakX: number;
  readonly peakTime: number;
  readonly peakGamma: number;
  /** B_n at t0 and at the end, C0 = 1. */
  readonly boundAtSnap: number;
  readonly boundAtEnd: number;
  readonly hCurve: Curve;
  readonly hDiscreteCurve: Curve;
  readonly boundCurve: Curve;
  readonly gammaCurve: Curve;
  readonly path: Path | null;
};

/** Attention in theory mode, at evenly spaced times: of class 0 and its most frequent own token. */
export type Path = {
  /** chi = e^(2 z), its lower bound e^(2 f0^2 B_n), and B_n. */
  readonly chi: Curve;
  readonly floor: Curve;
  readonly bound: Curve;
  /** Mean over classes, nats. */
  readonly entropy: Curve;
  /** Largest |r / (r(0) chi) - 1| over tokens and times (theorem 3). */
  readonly gainError: number;
  /** Times at which chi was outside of [e^(2 f0^2 B), e^(2 B)]. */
  readonly outside: number;
  /** Steps at which a distinct token did not rise, or a common one did not fall (theorem 2). */
  readonly wrongWay: number;
};

export type TheoryTrial = Trial<TheoryConfig, TheoryMetrics>;

const POINTS = 80;
/** Points of the closed forms, which bend sharply at the start. */
const FINE = 240;
/** Rounding may push a bound that is met with equality at t = 0. */
const SLACK = 1e-12;

export function* theoryTrial(config: TheoryConfig, rng: Rng): Generator<number, TheoryMetrics, void> {
  expectTheory(config);
  const { classes, tokens, etaY, etaZ, until } = config;
  const visits = Math.floor(until / classes);
  const steps = hDiscrete(config, visits);
  const gaps = Array.from(steps, (value, s) => ((value - h(config, s)) * tokens) / (2 * etaY));
  const peak = gammaPeak(config);
  const curve = (end: number, f: (x: number) => number): Curve =>
    Array.from({ length: FINE + 1 }, (_, i) => [(i * end) / FINE, f((i * end) / FINE)] as const);
  yield 0;
  return {
    gradientError: gradientError(rng.fork("gradient")),
    decoderError: decoderError(rng.fork("decoder")),
    hDiscrete: steps[visits]!,
    h: h(config, visits),
    gapLow: Math.min(...gaps),
    gapHigh: Math.max(...gaps),
    snapTime: snapTime(config),
    halfTime: halfTime(config),
    peakX: peak.x,
    peakTime: peak.t,
    peakGamma: peak.gamma,
    boundAtSnap: bound(config, etaZ, snapTime(config)),
    boundAtEnd: bound(config, etaZ, until),
    hCurve: curve(visits, (s) => h(config, s)),
    hDiscreteCurve: Array.from(steps, (value, s) => [s, value] as const),
    boundCurve: curve(until, (t) => bound(config, etaZ, t)),
    gammaCurve: curve(until, (t) => gamma(config, t)),
    path: config.distinct > 0 ? followPath(config) : null,
  };
}

function followPath(config: TheoryConfig): Path {
  const data = theoryClasses(config);
  const first = data.classes[0]!; // makeClasses gives at least one
  const top = first.support.at(-1)!;
  const share0 = squaredShare(first.probabilities);
  const stride = Math.max(1, Math.round(config.until / config.step / POINTS));
  const chi: [number, number][] = [];
  const floor: [number, number][] = [];
  const bounds: [number, number][] = [];
  const entropy: [number, number][] = [];
  let gainError = 0;
  let outside = 0;
  let wrongWay = 0;
  let before: Float64Array | undefined;
  let count = 0;
  for (const { t, z, B } of theoryMode(data, config)) {
    if (t > config.until) break;
    const growth = exp(2 * z[top]!);
    const least = exp(2 * share0 * B[0]!);
    if (growth < least - SLACK || growth > exp(2 * B[0]!) + SLACK) outside += 1;
    if (before) wrongWay += wrongMoves(data, before, z);
    before = z;
    if (count % stride === 0 || t + config.step > config.until) {
      const attention = classAttention(first, z);
      for (let i = data.common; i < first.support.length - 1; i++) {
        const expected = relativeGain(first.probabilities, first.support.length - 1, i) * growth;
        const gain = relativeGain(attention, first.support.length - 1, i);
        gainError = Math.max(gainError, Math.abs(gain / expected - 1));
      }
      chi.push([t, growth]);
      floor.push([t, least]);
      bounds.push([t, B[0]!]);
      entropy.push([t, classMean(data, (one) => distinctEntropy(classAttention(one, z), data))]);
    }
    count += 1;
  }
  return { chi, floor, bound: bounds, entropy, gainError, outside, wrongWay };
}

/** Distinct tokens that did not rise, and common ones that did not fall. */
function wrongMoves({ common, classes }: Classes, before: Float64Array, z: Float64Array): number {
  return classes.reduce(
    (sum, { support }) =>
      sum + support.filter((l, i) => (i < common ? z[l]! >= before[l]! : z[l]! <= before[l]!)).length,
    0,
  );
}

/** f^2 of the last entry. */
function squaredShare(probabilities: Float64Array): number {
  const squares = probabilities.reduce((sum, p) => sum + p * p, 0);
  return (probabilities.at(-1)! * probabilities.at(-1)!) / squares;
}

function theoryClasses({ classes, common, commonWeight, distinct, tokens }: TheoryConfig): Classes {
  return makeClasses({
    queries: 1,
    nextPerQuery: classes,
    commonWeights: Array<number>(common).fill(commonWeight),
    distinctWeights: linspace(0.1, 1, distinct),
    tokens,
  });
}

/** @throws RangeError that names the setting */
export function expectTheory(config: TheoryConfig): void {
  for (const key of ["etaY", "etaZ", "until", "step", "commonWeight"] as const) {
    if (!(config[key] > 0 && config[key] < Infinity))
      throw new RangeError(`scan-snap-theory: ${key} must be above 0, got ${config[key]}`);
  }
  for (const [key, least] of Object.entries({ tokens: 10, classes: 1, common: 0, distinct: 0 })) {
    const value = config[key as "tokens" | "classes" | "common" | "distinct"]; // its own key
    if (!(Number.isInteger(value) && value >= least))
      throw new RangeError(
        `scan-snap-theory: ${key} must be a whole number of at least ${least}, got ${value}`,
      );
  }
  if (config.classes > config.tokens)
    throw new RangeError(
      `scan-snap-theory: classes must be at most tokens, got ${config.classes} and ${config.tokens}`,
    );
  if (config.distinct > 0) theoryClasses(config);
}
