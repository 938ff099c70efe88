// What one run of a model carries along: whether it trains, its randomness, who listens, and where in the tree it is.
import type { Rng } from "../tensor/rng";
import type { Tensor } from "../tensor/tensor";

/** Sees the tensor of that name; what it returns, if anything, takes its place. */
// biome-ignore lint/suspicious/noConfusingVoidType: a listener that returns nothing is the common case
export type Tap = (x: Tensor) => Tensor | undefined | void;
/** Taps by dotted path: `blocks.0.attention.weights`. Nothing is computed or kept for a name that is not here. */
export type Taps = Readonly<Record<string, Tap>>;

/** Sequences of a batch that are shorter than its tensor. */
export interface Padding {
  /** Tokens of each sequence, past ones included. */
  readonly lengths: readonly number[];
  /** Where the tokens are that do not count. */
  readonly side: "left" | "right";
}

export interface RunOptions {
  /** Randomness of dropout and of random positions. Without it nothing is dropped. */
  readonly rng?: Rng;
  /** Tokens that nobody attends to. */
  readonly padding?: Padding;
  readonly taps?: Taps;
}

export class Run {
  readonly path: string;
  readonly #options: RunOptions;

  constructor(options: RunOptions = {}, path = "") {
    this.#options = options;
    this.path = path;
  }

  /** The run as a part of the model sees it. */
  at(name: string): Run {
    return new Run(this.#options, this.#join(name));
  }

  /** The random stream of this place; `undefined` when nothing is to be dropped. */
  get rng(): Rng | undefined {
    return this.#options.rng?.fork(this.path);
  }

  /** The same run over sequences of these lengths. */
  padded(padding: Padding): Run {
    return new Run({ ...this.#options, padding }, this.path);
  }

  get padding(): Padding | undefined {
    return this.#options.padding;
  }

  /** Whether somebody listens to `name` here. */
  wants(name: string): boolean {
    return this.#options.taps?.[this.#join(name)] !== undefined;
  }

  /** Shows `x` to who listens to `name` here, and returns it or its replacement. */
  tap(name: string, x: Tensor): Tensor {
    return this.#options.taps?.[this.#join(name)]?.(x) ?? x;
  }

  #join(name: string): string {
    return this.path ? `${this.path}.${name}` : name;
  }
}
