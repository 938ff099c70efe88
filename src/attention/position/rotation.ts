// Turning queries and keys by their positions: what all rotary schemes share (Su et al. 2021, arXiv:2104.09864).
import { exp } from "../../math/exp";
import { log } from "../../math/log";
import { cos, sin } from "../../math/trig";
import { rope } from "../../ops/rope";
import { type Tensor, tensor } from "../../tensor/tensor";
import type { At, PositionConfig } from "./position";

export class Rotation {
  readonly #frequencies: Float64Array;
  readonly #offset: number;
  /** Cosines and sines by whole position: plain arrays, which no owner would have to free. */
  readonly #known = new Map<number, readonly [cos: Float32Array, sin: Float32Array]>();

  /** @throws Error for heads of an odd width */
  constructor({ headWidth, options }: PositionConfig) {
    if (headWidth % 2 !== 0) {
      throw new Error(`rope: heads must have an even width, got ${headWidth}; change width or heads`);
    }
    const { ropeBase, ropeStretch, ropeOffset } = options;
    // NTK-aware: the longest wavelength is stretched, the shortest stays. A single pair has only the shortest.
    const power = headWidth > 2 ? headWidth / (headWidth - 2) : 0;
    const logBase = log(ropeBase) + power * log(ropeStretch);
    const half = headWidth / 2;
    this.#frequencies = Float64Array.from({ length: half }, (_, pair) => exp((-pair * logBase) / half));
    this.#offset = ropeOffset;
  }

  /** x [B, T, H, D], token t turned by at[t]. */
  turn(x: Tensor, at: At): Tensor {
    const half = this.#frequencies.length;
    const table = (part: 0 | 1, name: string) => {
      const values = new Float32Array(at.length * half);
      for (const [t, position] of at.entries()) values.set(this.#angles(position)[part], t * half);
      return tensor(values, [at.length, half], name);
    };
    return rope(x, { cos: table(0, "rope cosines"), sin: table(1, "rope sines") });
  }

  #angles(position: number): readonly [Float32Array, Float32Array] {
    const known = this.#known.get(position);
    if (known) return known;
    const angles = this.#frequencies.map((frequency) => (position + this.#offset) * frequency);
    const made = [Float32Array.from(angles, cos), Float32Array.from(angles, sin)] as const;
    if (Number.isInteger(position)) this.#known.set(position, made); // fractions hardly come twice
    return made;
  }
}
