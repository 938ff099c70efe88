// What one run of a model carries along: whether it trains, its randomness, who listens, and where in the tree it is.
import type { Rng } from "../tensor/rng";
import type { Shape } from "../tensor/shape";
import { unrecorded } from "../tensor/tape";
import { scope, Tensor } from "../tensor/tensor";
import { type Ears, exactTaps, expectReplacement, replaced, resolveTaps, type Tap, type Taps } from "./taps";

/** Sequences of a batch that are shorter than its tensor. */
export interface Padding {
  /** Tokens of each sequence. */
  readonly lengths: readonly number[];
  /** Where the tokens are that do not count. Before decoding: left. */
  readonly side: "left" | "right";
}

export interface RunOptions {
  /** Randomness of dropout and of random positions. Without it nothing is dropped. */
  readonly rng?: Rng;
  /** Tokens that nobody attends to. */
  readonly padding?: Padding;
  readonly taps?: Taps;
}

/** Who is told what the parts of a model show. */
interface Attendance {
  readonly ears?: Ears | undefined;
  /** Every path that somebody could have listened to. */
  readonly paths?: Set<string>;
}

export class Run {
  readonly path: string;
  readonly #options: RunOptions;
  readonly #attendance: Attendance;

  /** A run in which the names of taps are exact paths. Models begin theirs with `beginRun`. */
  constructor(
    options: RunOptions = {},
    path = "",
    attendance: Attendance = { ears: options.taps && exactTaps(options.taps) },
  ) {
    this.#options = options;
    this.path = path;
    this.#attendance = attendance;
  }

  /** The run as a part of the model sees it. */
  at(name: string): Run {
    return new Run(this.#options, this.#join(name), this.#attendance);
  }

  /** The random stream of this place; `undefined` when nothing is to be dropped. */
  get rng(): Rng | undefined {
    return this.#options.rng?.fork(this.path);
  }

  /** The same run over sequences of these lengths. */
  padded(padding: Padding): Run {
    return new Run({ ...this.#options, padding }, this.path, this.#attendance);
  }

  get padding(): Padding | undefined {
    return this.#options.padding;
  }

  /** Whether somebody listens to `name` here. */
  wants(name: string): boolean {
    return this.#at(name) !== undefined;
  }

  /** Which of `name.0` to `name.(count - 1)` somebody listens to. */
  wantedParts(name: string, count: number): number[] {
    return Array.from({ length: count }, (_, part) => part).filter((part) => this.wants(`${name}.${part}`));
  }

  /** Whether somebody listens to anything inside the part `name`. */
  wantsInside(name: string): boolean {
    const start = `${this.#join(name)}.`;
    return [...(this.#attendance.ears?.keys() ?? [])].some((path) => path.startsWith(start));
  }

  /** Shows `x` to who listens to `name` here, and returns it or its replacement. */
  tap(name: string, x: Tensor): Tensor {
    const listeners = this.#at(name);
    if (!listeners) return x;
    const path = this.#join(name);
    return listeners.reduce<Tensor>((shown, tap) => replaced(path, shown, tap), x);
  }

  /** What takes the place of `name` whatever would be there, so that it need not be computed. */
  given(name: string, shape: Shape): Tensor | undefined {
    const [only, more] = this.#at(name) ?? [];
    if (more || !(only instanceof Tensor)) return undefined;
    expectReplacement(this.#join(name), shape, only);
    return only;
  }

  #at(name: string): readonly (Tap | Tensor)[] | undefined {
    const { ears, paths } = this.#attendance;
    if (!ears && !paths) return undefined; // the usual run costs nothing
    const path = this.#join(name);
    paths?.add(path);
    return ears?.get(path);
  }

  #join(name: string): string {
    return this.path ? `${this.path}.${name}` : name;
  }
}

/**
 * The run of a whole model.
 * @param paths the model's, asked for only where there are taps
 * @throws Error for a tap whose name means no place in the model
 */
export function beginRun(options: RunOptions = {}, paths: () => readonly string[]): Run {
  return new Run(options, "", { ears: options.taps && resolveTaps(options.taps, paths()) });
}

/** Every path at which a run may be tapped, in the order of a run: found by making one, of as few tokens as there can be. */
export function listPaths(run: (run: Run) => void): string[] {
  const paths = new Set<string>();
  unrecorded(() => scope(() => void run(new Run({}, "", { paths }))));
  return [...paths];
}
