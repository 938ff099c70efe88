// Which positions the tokens of a sequence are given: a value apart from what is done with them.
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
  /** Only while training. */
  readonly rng?: Rng | undefined;
}

export interface IndexStrategy {
  readonly what: string;
  /** Whether positions are whole numbers. */
  readonly whole: boolean;
  /** Positions are below this. */
  reach(context: number, options: Options): number;
  places(inputs: StrategyInputs): Places;
}

export const indices = {
  plain: {
    what: "0, 1, 2, ...",
    whole: true,
    reach: (context) => context,
    places: ({ tokens }) => ({ at: Float64Array.from({ length: tokens }, (_, i) => i), gap: 1 }),
  },
} as const satisfies Record<string, IndexStrategy>;

export type IndexName = keyof typeof indices;
