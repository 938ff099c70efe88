// How fast each pair of channels turns with the position, and the ways to stretch a model's positions over longer sequences.
import { exp } from "../../math/exp";
import { log } from "../../math/log";
import type { Options } from "../options";

const TWO_PI = 2 * Math.PI;

interface Inputs {
  /** Channels that turn. */
  readonly width: number;
  /** Natural logarithm of the base of the wavelengths. */
  readonly logBase: number;
  /** Tokens of a training sequence. */
  readonly trained: number;
  /** Tokens of this sequence so far. */
  readonly length: number;
  readonly options: Options;
}

type Scaling = (inputs: Inputs) => Float64Array;

/** Angles per position by what stretches them; formulas as Hugging Face's modeling_rope_utils reads them from a config.json. */
const scalings: Readonly<Record<Options["ropeScaling"], Scaling>> = {
  none: plain,
  /** Every position divided by the factor (Chen et al. 2023, arXiv:2306.15595). */
  linear: (inputs) => plain(inputs).map((frequency) => frequency / inputs.options.ropeFactor),
  /** The base raised as the sequence outgrows the trained length: NTK-aware with a factor that grows with the length. */
  dynamic: (inputs) => {
    const { length, trained, options, width, logBase } = inputs;
    const growth = (options.ropeFactor * Math.max(length, trained)) / trained - (options.ropeFactor - 1);
    return plain({ ...inputs, logBase: stretched(logBase, growth, width) });
  },
  /** Pairs that turn often within the trained length stay, those that hardly turn are stretched, linearly by turns in between. */
  llama3: (inputs) => {
    const { ropeFactor, ropeSlow, ropeFast } = inputs.options;
    return plain(inputs).map((frequency) => {
      const turns = (inputs.trained * frequency) / TWO_PI;
      const kept = clamp((turns - ropeSlow) / (ropeFast - ropeSlow));
      return frequency * (kept + (1 - kept) / ropeFactor);
    });
  },
  /** The same, linearly by pair in between (Peng et al. 2023, arXiv:2309.00071, section 3.2). */
  yarn: (inputs) => {
    const { ropeFactor, ropeSlow, ropeFast } = inputs.options;
    const first = Math.max(Math.floor(pairThatTurns(ropeFast, inputs)), 0);
    const last = Math.min(Math.ceil(pairThatTurns(ropeSlow, inputs)), inputs.width - 1);
    const ramp = (pair: number) => clamp((pair - first) / (last === first ? 0.001 : last - first));
    return plain(inputs).map(
      (frequency, pair) => frequency * (1 - ramp(pair)) + (frequency / ropeFactor) * ramp(pair),
    );
  },
};

/** Angles per position of the pairs of `width` channels in a sequence of `length` tokens. */
export function frequencies(
  options: Options,
  { width, trained, length }: { width: number; trained: number; length: number },
): Float64Array {
  const logBase = stretched(log(options.ropeBase), options.ropeStretch, width);
  return scalings[options.ropeScaling]({ width, logBase, trained, length, options });
}

/** The base of the wavelengths with `ropeStretch` worked in. */
export function stretchedBase({ ropeBase, ropeStretch }: Options, width: number): number {
  return ropeStretch === 1 ? ropeBase : exp(stretched(log(ropeBase), ropeStretch, width));
}

/** The factor on cosines and sines: under yarn 0.1 ln factor + 1 (arXiv:2309.00071, section 3.4) unless another is given. */
export function amplitude({ ropeScaling, ropeFactor, ropeAmplitude }: Options): number {
  if (ropeScaling !== "yarn") return 1;
  return ropeAmplitude || 0.1 * log(ropeFactor) + 1;
}

function plain({ width, logBase }: Pick<Inputs, "width" | "logBase">): Float64Array {
  const half = width / 2;
  return Float64Array.from({ length: half }, (_, pair) => exp((-pair * logBase) / half));
}

/** NTK-aware: the longest wavelength is stretched, the shortest stays. A single pair has only the shortest. */
function stretched(logBase: number, by: number, width: number): number {
  const power = width > 2 ? width / (width - 2) : 0;
  return logBase + power * log(by);
}

/** Which pair, as a fraction, turns so many times within the trained length. */
function pairThatTurns(turns: number, { width, logBase, trained }: Inputs): number {
  return (width * log(trained / (turns * TWO_PI))) / (2 * logBase);
}

function clamp(x: number): number {
  return Math.min(Math.max(x, 0), 1);
}
