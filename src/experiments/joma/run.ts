// The trials of `joma`: the toy, the law of linear units, and the invariants of a small network that learns.
import { erf } from "../../math/erf";
import { exp } from "../../math/exp";
import type { Rng } from "../../tensor/rng";
import type { Trial } from "../experiment";
import { type Curve, rungeKutta, thin } from "./curves";
import { type InvariantMetrics, invariantTrial } from "./invariants";
import type { AttentionKind } from "./network";
import { arrivals, type ToyOptions, type ToyRun, toy } from "./toy";

export type JomaConfig = {
  /** toy, toy-exp: figure 4. toy-linear, erf-law: units without nonlinearity. invariant-*: a network that learns. */
  readonly part: string;
  /** Of the toy's mu: "even" from 1 to 4, "whole" 1, 2, 3, or "random" from [1, 4); of the network's counts: "gaussian" or "uniform". */
  readonly data: string;
  readonly rate: number;
  readonly steps: number;
};

export const jomaChoices = {
  part: ["toy", "toy-exp", "toy-linear", "erf-law", "invariant-linear", "invariant-exp", "invariant-softmax"],
  data: ["even", "whole", "random", "gaussian", "uniform"],
} as const;

export type ToyMetrics = {
  readonly startEntropy: number;
  readonly leastEntropy: number;
  readonly leastStep: number;
  readonly finalEntropy: number;
  readonly lastStep: number;
  /** Nats at steps 500, 1000, 2000, 4999, where there are that many. */
  readonly entropyAt: readonly number[];
  /** First step at which each component has come 90 % of its way, -1 for none; components by rising mu. */
  readonly arrivals: readonly number[];
  readonly final: readonly number[];
  readonly entropy: Curve;
  readonly paths: readonly Curve[];
};

export type LawMetrics = {
  /** Largest relative difference over components of erf(v / sqrt 2) / Delta, and of erf(v / 2) / Delta. */
  readonly spread: number;
  readonly otherSpread: number;
  readonly paths: readonly Curve[];
};

export type JomaMetrics = ToyMetrics | LawMetrics | InvariantMetrics;
export type JomaTrial = Trial<JomaConfig, JomaMetrics>;

const COMPONENTS = 10;

export function* jomaTrial(config: JomaConfig, rng: Rng): Generator<number, JomaMetrics, void> {
  expectJoma(config);
  const { part } = config;
  if (part === "erf-law") return law(config, rng);
  if (part.startsWith("toy")) return toyMetrics(toyOptions(config, rng));
  // By expectJoma.
  const attention = part.slice("invariant-".length) as AttentionKind;
  return yield* invariantTrial({ ...config, attention }, rng);
}

function toyOptions({ part, data, rate, steps }: JomaConfig, rng: Rng): ToyOptions {
  return {
    mu: drives(data, rng),
    start: 0.05,
    rate,
    steps,
    drive: part === "toy-linear" ? "linear" : "nonlinear",
    attention: part === "toy" ? "softmax" : "exp",
  };
}

/** Rising. */
function drives(data: string, rng: Rng): number[] {
  if (data === "whole") return [1, 2, 3];
  const draw = rng.fork("mu");
  const at = (i: number) => (data === "even" ? i / (COMPONENTS - 1) : draw.uniform());
  return Array.from({ length: COMPONENTS }, (_, i) => 1 + 3 * at(i)).sort((a, b) => a - b);
}

function toyMetrics(options: ToyOptions): ToyMetrics {
  const run: ToyRun = toy(options);
  const { entropy, v } = run;
  const leastStep = entropy.indexOf(Math.min(...entropy));
  return {
    startEntropy: entropy[0]!,
    leastEntropy: entropy[leastStep]!,
    leastStep,
    finalEntropy: entropy.at(-1)!,
    lastStep: v.length - 1,
    entropyAt: [500, 1000, 2000, 4999].filter((step) => step < v.length).map((step) => entropy[step]!),
    arrivals: arrivals(run, options.mu),
    final: v.at(-1)!,
    entropy: thin(entropy),
    paths: options.mu.map((_, j) => thin(v.map((state) => state[j]!))),
  };
}

/** dv/dt = Delta o e^(v^2/2) from 0, by Runge-Kutta, until the fastest component nears its blow-up. */
function law({ data, rate, steps }: JomaConfig, rng: Rng): LawMetrics {
  const delta = drives(data, rng);
  const slope = (v: Float64Array) => v.map((x, j) => delta[j]! * exp((x * x) / 2));
  let v: Float64Array = new Float64Array(delta.length);
  const path = [v];
  for (let step = 0; step < steps && v.at(-1)! < 3; step++) {
    v = rungeKutta(v, slope, rate);
    path.push(v);
  }
  const spread = (argument: (x: number) => number) =>
    Math.max(
      ...path.slice(1).map((state) => {
        const shares = Array.from(state, (x, j) => erf(argument(x)) / delta[j]!);
        return Math.max(...shares) / Math.min(...shares) - 1;
      }),
    );
  return {
    spread: spread((x) => x / Math.SQRT2),
    otherSpread: spread((x) => x / 2),
    paths: delta.map((_, j) => thin(path.map((state) => state[j]!))),
  };
}

/** @throws RangeError that names the setting */
export function expectJoma(config: JomaConfig): void {
  for (const [key, words] of Object.entries(jomaChoices)) {
    const value = config[key as keyof typeof jomaChoices]; // its own key
    if (!(words as readonly string[]).includes(value))
      throw new RangeError(`joma: ${key} must be one of ${words.join(", ")}, got "${value}"`);
  }
  const network = config.part.startsWith("invariant");
  const wanted = network ? ["gaussian", "uniform"] : ["even", "whole", "random"];
  if (!wanted.includes(config.data))
    throw new RangeError(
      `joma: data of ${config.part} must be one of ${wanted.join(", ")}, got "${config.data}"`,
    );
  if (!(config.rate > 0 && config.rate < Infinity))
    throw new RangeError(`joma: rate must be above 0, got ${config.rate}`);
  if (!(Number.isInteger(config.steps) && config.steps >= 1))
    throw new RangeError(`joma: steps must be a whole number of at least 1, got ${config.steps}`);
}
