// Settings that some values of the registries read, each with its default. They stand flat in configurations and are options of the
// command line. A value that does not read one ignores it.
import { presets } from "./presets";

interface NumberOption {
  readonly help: string;
  readonly standard: number;
  /** The smallest value; `whole` ones have no fraction. */
  readonly least: number;
  readonly whole: boolean;
}

interface WordOption {
  readonly help: string;
  readonly standard: string;
  /** What it may be; without these any text, which its reader checks. */
  readonly words?: readonly string[];
}

export type Option = NumberOption | WordOption;

export const options = {
  window: whole("sources that a window shows, the token itself included", 16, 1),
  prefix: whole("tokens that the prefix mask lets see one another", 8),
  trained: whole(
    "tokens of a training sequence, for scales and divisors that compare with it; 0: the context",
    0,
  ),
  kappa: real("factor of kappa-log-n; 0: sqrt(head width) / ln 512", 0),
  factor: real("factor of the fixed scale", 1),
  reach: whole("positions that random-subset and evenly-spaced choose from; 0: four times the context", 0),
  ropeBase: real("base of the wavelengths of rotary positions", 10000, 1),
  ropeStretch: real("how many times longer sequences the base is raised for (NTK-aware scaling)", 1, 1),
  ropeOffset: real("position of the first token under rotary positions", 0),
  rotaryWidth: whole("channels of a head that rotary positions turn, an even number; 0: all", 0),
  ropeScaling: oneOf("how rotary positions are stretched over more than `trained` tokens", [
    "none",
    "linear",
    "dynamic",
    "llama3",
    "yarn",
  ]),
  ropeFactor: real("how many times longer sequences ropeScaling is for", 1, 1),
  ropeSlow: real("turns within the trained length up to which llama3 and yarn stretch a pair", 1),
  ropeFast: real("turns within the trained length from which on llama3 and yarn leave a pair", 32),
  ropeAmplitude: real("factor on rotary cosines and sines under yarn; 0: 0.1 ln ropeFactor + 1", 0),
  near: whole("distance from which on rerope and window-rope no longer turn with it", 16, 1),
  buckets: whole("learned biases per head of t5", 32, 4),
  farthest: whole("distance from which on t5 has one bias", 128, 2),
  smear: oneOf("whether each key is mixed with the one before, by a learned share per layer and head", [
    "no",
    "yes",
  ]),
  biasPer: oneOf("what has biases of its own in relative and t5, besides each head", ["model", "layer"]),
  biasFactor: real("factor on the biases of relative and t5, which learn that much faster", 1),
  span: whole("largest distance that relative and urpe tell apart; 0: all", 0),
  preset: oneOf("whose synthesizers: what the settings below are by default", ["paper", "mesh", "lra"]),
  members: text("variants of a mixture", "random-synthesizer,dot-product"),
  alpha: oneOf("weights of a mixture's members", ["softmax", "sigmoid", "sum"]),
  alphaPer: oneOf("what has its own weights in a mixture, besides each layer", ["head", "layer"]),
  tables: oneOf("how random tables begin", ["normal", "glorot"]),
  spread: real("initial deviation of random tables; 0: 0.5, or 1 for fixed ones", 0),
  rank: whole("columns of factorized random tables", 8, 1),
  factors: oneOf("what factorized random tables make: a product, or one row for all tokens", [
    "product",
    "pooled",
  ]),
  hidden: whole("channels per head inside dense synthesizers; 0: as wide as a head", 0),
  second: oneOf("weights of a dense synthesizer's second layer", ["per-head", "shared"]),
  ownBias: oneOf("whether dense synthesizers have biases", ["yes", "no"]),
  tile: whole("entries of the first factor of factorized dense synthesizers; 0: the most even", 0),
  tiles: whole("entries of the second factor; 0: the context / tile", 0),
  factorMap: oneOf("how the two factors make logits", ["tile-repeat", "tile-tile"]),
} as const satisfies Record<string, Option>;

export type OptionName = keyof typeof options;
type ValueOf<O extends Option> = O extends { words: readonly (infer W)[] } ? W : O["standard"];
export type Options = { readonly [Name in OptionName]: ValueOf<(typeof options)[Name]> };

export const standardOptions: Options = map((option) => option.standard);

/** Those that are not at their default, and so not left to a preset. */
export function chosenOptions(given: Options): Partial<Options> {
  const names = Object.keys(options) as OptionName[]; // a closed literal
  return Object.fromEntries(
    names.filter((name) => given[name] !== options[name].standard).map((name) => [name, given[name]]),
  );
}

/**
 * Completes options with the preset's values and with their defaults.
 * @throws Error `place: rule, got value`
 */
export function completeOptions(place: string, given: Partial<Options>): Options {
  const { preset = "paper" } = given;
  const all: Readonly<Record<Options["preset"], Partial<Options>>> = presets;
  const chosen = Object.hasOwn(all, preset) ? all[preset] : {};
  return map((option, name) => {
    const value = given[name] ?? chosen[name] ?? option.standard;
    const rule = broken(option, value);
    if (rule !== undefined) throw new Error(`${place}: ${name} must be ${rule}, got ${value}`);
    return value;
  });
}

/** What the value should be and is not. */
function broken(option: Option, value: unknown): string | undefined {
  if (!("least" in option)) {
    const { words } = option;
    if (typeof value !== "string") return "text";
    return words && !words.includes(value) ? `one of ${words.join(", ")}` : undefined;
  }
  const { whole, least } = option;
  const fits = whole ? Number.isSafeInteger(value) : Number.isFinite(value);
  if (fits && Number(value) >= least) return undefined;
  return `a ${whole ? "whole number" : "number"} of at least ${least}`;
}

function whole(help: string, standard: number, least = 0): NumberOption {
  return { help, standard, least, whole: true };
}

function real(help: string, standard: number, least = 0): NumberOption {
  return { help, standard, least, whole: false };
}

/** One of the words, the first by default. */
function oneOf<const W extends string>(help: string, words: readonly [W, ...W[]]) {
  return { help, standard: words[0], words };
}

function text(help: string, standard: string): WordOption {
  return { help, standard };
}

function map(value: (option: Option, name: OptionName) => string | number): Options {
  const names = Object.keys(options) as OptionName[]; // a closed literal
  // Every name has a value of its option's kind.
  return Object.fromEntries(names.map((name) => [name, value(options[name], name)])) as Options;
}
