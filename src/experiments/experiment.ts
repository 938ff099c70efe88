// What an experiment is: a question, a grid of trials, claims about their metrics, and figures drawn from them. A typed value; how
// it is run is not its business.
import type { Rng } from "../tensor/rng";
import type { Figure } from "./figure";

/** What survives JSON unchanged. No NaN and no infinities: a trial that has one failed. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** The settings of a trial, flat, so that `--set key=value` reaches each. Declare them as a `type`, not an interface. */
export type Config = { readonly [key: string]: string | number | boolean };

/** What a trial measured: single numbers, which are averaged over seeds, and whatever figures need. */
export type Metrics = { readonly [key: string]: Json };

/** "smoke" runs in the test suite, at most 4 seconds; "full" is the experiment itself. */
export type Size = "smoke" | "full";

/**
 * The least size at which a claim is judged and decides over the exit status: a "smoke" claim must hold at full size too. "none" is
 * judged whenever it can be and decides nothing.
 */
export type Gate = Size | "none";

export interface Grid<C extends Config> {
  readonly configs: readonly C[];
  /** Every config runs with every seed. */
  readonly seeds: readonly number[];
  /** What the whole grid may take on one core of the reference machine. */
  readonly budgetSeconds: number;
}

/** One finished trial. */
export interface Trial<C extends Config, M extends Metrics> {
  /** Digest of experiment, config, seed, build and source: equal ids have equal metrics, but for those that are times. */
  readonly id: string;
  readonly config: C;
  readonly seed: number;
  readonly metrics: M;
  /** Time it took; the only field that differs when a trial is repeated. */
  readonly seconds: number;
}

export interface Claim<C extends Config, M extends Metrics> {
  readonly id: string;
  /** One sentence that can be wrong. */
  readonly statement: string;
  /** Paper and place, or "own". */
  readonly source: string;
  /** The threshold in words, like "at most 0.02 nats for every seed". */
  readonly expected: string;
  readonly gate: Gate;
  /** What the trials say; `undefined` when those that it needs did not run. Statistics of its own go here, from metrics only. */
  check(trials: readonly Trial<C, M>[]): Observation | undefined;
}

export interface Observation {
  readonly observed: string;
  readonly holds: boolean;
}

/** What a trial reads besides its config. */
export interface Inputs {
  /** The content of the file that the setting `text` names; absent where it is "". The setting `textDigest` belongs to it. */
  readonly text?: string;
}

/** What a trial yields: the share done, 0 to 1, whenever its caller may pause, and files that are kept beside its metrics. */
export type Yielded = number | TrialFile;

export interface TrialFile {
  /** Unlike those of the trial's other files, and without folders: "step-225.safetensors". */
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** Methods, not function fields: they let a typed experiment stand in a list of `Experiment<Config, Metrics>`, which only ever
 * hands it configs of its own grid and metrics of its own trials. */
export interface Experiment<C extends Config = Config, M extends Metrics = Metrics> {
  /** Its key in the registry and its file name. */
  readonly name: string;
  /** One line, and what would change our mind. */
  readonly question: string;
  readonly paper: string;
  readonly grid: Readonly<Record<Size, Grid<C>>>;
  /** The words that a setting may have, where it is a choice among a few. */
  readonly choices?: Readonly<Record<string, readonly string[]>>;
  /** Metrics that are times, or made of times: the only ones that differ when a trial is repeated. */
  readonly timed?: readonly (keyof M & string)[];
  /** Throws an Error for a config, or a text, that cannot be used. Called for every planned config before any trial starts. */
  check?(config: C, inputs: Inputs): void;
  /** Runs one trial as a pure function of its arguments. No yield inside a scope. */
  trial(config: C, rng: Rng, inputs: Inputs): M | Generator<Yielded, M, void>;
  readonly claims: readonly Claim<C, M>[];
  /** What came out in plain words, a sentence or two each, for whoever reads no tables; from the trials' outputs only. */
  story?(trials: readonly Trial<C, M>[]): readonly string[];
  /** Drawn from the trials' outputs only. */
  figures(trials: readonly Trial<C, M>[]): readonly Figure[];
}
