// Turning queries and keys by their positions: what all rotary schemes share (Su et al. 2021, arXiv:2104.09864).
import { cos, sin } from "../../math/trig";
import { rope } from "../../ops/rope";
import { type Tensor, tensor } from "../../tensor/tensor";
import type { Options } from "../options";
import { amplitude, frequencies } from "./frequencies";
import type { At, PositionConfig } from "./position";

type Angles = readonly [cos: Float32Array, sin: Float32Array];

export class Rotation {
  readonly #options: Options;
  /** Channels that turn, the first ones of a head. */
  readonly #width: number;
  readonly #trained: number;
  readonly #amplitude: number;
  readonly #frequencies: Float64Array;
  /** Cosines and sines by whole position: plain arrays, which no owner would have to free. */
  readonly #known = new Map<number, Angles>();

  /** @throws Error when the channels that turn are no pairs, or more than a head has */
  constructor({ headWidth, reach, options }: Pick<PositionConfig, "headWidth" | "reach" | "options">) {
    if (options.rotaryWidth > headWidth) {
      throw new Error(
        `rope: rotaryWidth must be at most the width of a head, ${headWidth}, got ${options.rotaryWidth}`,
      );
    }
    this.#width = options.rotaryWidth || headWidth;
    if (this.#width % 2 !== 0) {
      throw new Error(`rope: heads must have an even width, got ${this.#width}; change width or heads`);
    }
    if (options.ropeScaling === "llama3" && !(options.ropeFast > options.ropeSlow)) {
      throw new Error(
        `rope: ropeFast must be above ropeSlow, got ${options.ropeFast} and ${options.ropeSlow}`,
      );
    }
    this.#options = options;
    this.#trained = options.trained || reach;
    this.#amplitude = amplitude(options);
    this.#frequencies = this.#frequenciesAt(0);
  }

  /** x [B, T, H, D], token t turned by at[t]. */
  turn(x: Tensor, at: At): Tensor {
    const { cos: cosines, sin: sines, half } = this.tables(at);
    return rope(x, {
      cos: tensor(cosines, [at.length, half], "rope cosines"),
      sin: tensor(sines, [at.length, half], "rope sines"),
    });
  }

  /** Cosines and sines of every position, [T, half] each, with the amplitude worked in. */
  tables(at: At): { readonly cos: Float32Array; readonly sin: Float32Array; readonly half: number } {
    const half = this.#width / 2;
    const length = at.reduce((most, position) => Math.max(most, position + 1), 0);
    const outgrown = this.#options.ropeScaling === "dynamic" && length > this.#trained;
    const speeds = outgrown ? this.#frequenciesAt(length) : undefined;
    const all = { cos: new Float32Array(at.length * half), sin: new Float32Array(at.length * half), half };
    for (const [t, position] of at.entries()) {
      const [cosines, sines] = speeds ? this.#turned(position, speeds) : this.#angles(position);
      all.cos.set(cosines, t * half);
      all.sin.set(sines, t * half);
    }
    return all;
  }

  #frequenciesAt(length: number): Float64Array {
    return frequencies(this.#options, { width: this.#width, trained: this.#trained, length });
  }

  #angles(position: number): Angles {
    const known = this.#known.get(position);
    if (known) return known;
    const made = this.#turned(position, this.#frequencies);
    if (Number.isInteger(position)) this.#known.set(position, made); // fractions hardly come twice
    return made;
  }

  #turned(position: number, speeds: Float64Array): Angles {
    const angles = speeds.map((speed) => (position + this.#options.ropeOffset) * speed);
    const part = (f: (angle: number) => number) =>
      Float32Array.from(angles, (angle) => this.#amplitude * f(angle));
    return [part(cos), part(sin)];
  }
}
