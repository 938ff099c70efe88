// Which positions the tokens of a sequence are given: a value apart from what is done with them.
import { log } from "../../math/log";
import type { Rng } from "../../tensor/rng";
import type { Options } from "../options";
import type { Places } from "./places";

export interface StrategyInputs {
  /** Tokens, those of the past included. */
  readonly tokens: number;
  /** Tokens at most. */
  readonly context: number;
  /** Positions that there are: whole numbers below it. */
  readonly reach: number;
  /** Whether tokens come one after the other, so that their positions may not depend on how many there will be. */
  readonly causal: boolean;
  /** Only while training: then random ones are drawn, the same for all sequences of the batch. */
  readonly rng?: Rng | undefined;
}

export interface IndexStrategy {
  readonly what: string;
  /** Whether positions are whole numbers. */
  readonly whole: boolean;
  /**
   * Positions are below this.
   * @throws Error when there are not enough
   */
  reach(context: number, options: Options): number;
  places(inputs: StrategyInputs): Places;
}

export const indices = {
  plain: {
    what: "0, 1, 2, ...",
    whole: true,
    reach: (context) => context,
    places: ({ tokens }) => plain(tokens),
  },
  "random-subset": {
    what: "while training a random subset of `reach` positions in order, then evenly spaced ones (Ruoss et al. 2023, arXiv:2305.16843)",
    whole: true,
    reach: wide,
    places: (inputs) => (inputs.rng ? subset(inputs, inputs.rng) : spaced(inputs)),
  },
  "equal-mean": {
    what: "while training evenly spaced over a random length of the same mean, then 0, 1, 2, ... (Su 2023, kexue.fm/archives/9444)",
    whole: false,
    reach: (context) => context,
    places: ({ tokens, rng }) => (rng ? stretched(tokens, rng) : plain(tokens)),
  },
  "evenly-spaced": {
    what: "evenly spaced over `reach` positions, while training too",
    whole: true,
    reach: wide,
    places: spaced,
  },
} as const satisfies Record<string, IndexStrategy>;

export type IndexName = keyof typeof indices;

/** How many times the context positions reach where no number is given. */
const WIDTH = 4;

function wide(context: number, { reach }: Options): number {
  if (reach === 0) return WIDTH * context;
  if (reach < context) throw new Error(`index: reach must be at least the context ${context}, got ${reach}`);
  return reach;
}

function plain(tokens: number): Places {
  return { at: Float64Array.from({ length: tokens }, (_, i) => i), gap: 1 };
}

/** A sorted subset without repetition, by the first steps of a Fisher-Yates shuffle. */
function subset({ tokens, reach }: StrategyInputs, rng: Rng): Places {
  const all = Float64Array.from({ length: reach }, (_, i) => i);
  for (let i = 0; i < tokens; i++) {
    const j = i + rng.integer(reach - i);
    [all[i], all[j]] = [all[j]!, all[i]!];
  }
  return { at: all.slice(0, tokens).sort() };
}

/** Whole positions i reach / n. Of tokens that come one by one n is the context, as nobody knows how many there will be. */
function spaced({ tokens, context, reach, causal }: StrategyInputs): Places {
  const count = causal ? context : tokens;
  return { at: Float64Array.from({ length: tokens }, (_, i) => Math.floor((i * reach) / count)) };
}

/** i r / (n - 1), the length r exponentially distributed with mean n. */
function stretched(tokens: number, rng: Rng): Places {
  const length = -tokens * log(1 - rng.uniform());
  const gap = tokens > 1 ? length / (tokens - 1) : 0;
  return { at: Float64Array.from({ length: tokens }, (_, i) => i * gap), gap };
}
