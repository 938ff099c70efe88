// Rows of past tokens that decoding reads again: keys or values [B, capacity, heads, D], filled from the left.
import { kernels } from "../runtime/instance";
import { expectShape } from "../tensor/shape";
import { empty, type Tensor } from "../tensor/tensor";
import type { ScoreState } from "./scorer";

export class RowCache implements ScoreState {
  readonly rows: Tensor;
  #length = 0;

  constructor(batch: number, capacity: number, heads: number, width: number) {
    this.rows = empty([batch, capacity, heads, width], "cache").keep();
  }

  /** Tokens held. */
  get length(): number {
    return this.#length;
  }

  /** Copies x [B, T, heads, D] behind what is there. No gradient flows into a cache. */
  append(x: Tensor): void {
    const [batch, capacity, heads, width] = this.rows.shape as [number, number, number, number]; // made above
    const { T } = expectShape("cache", "x", x, [batch, "T", heads, width]);
    if (this.#length + T > capacity) {
      throw new Error(
        `cache: ${capacity} tokens fit, got ${this.#length} and ${T} more; make it larger or start again`,
      );
    }
    const row = heads * width;
    for (let b = 0; b < batch; b++) {
      const to = this.rows.ptr + 4 * (b * capacity + this.#length) * row;
      kernels().scopy(to, x.ptr + 4 * b * T * row, T * row);
    }
    this.#length += T;
  }

  /** What is held from token `first` on, [B, length - first, heads, D], copied: for what must work on all past rows anew. */
  copy(first = 0): Tensor {
    const [batch, capacity, heads, width] = this.rows.shape as [number, number, number, number]; // made above
    const count = this.#length - first;
    const y = empty([batch, count, heads, width], "cache");
    const row = heads * width;
    for (let b = 0; b < batch; b++) {
      const from = this.rows.ptr + 4 * (b * capacity + first) * row;
      kernels().scopy(y.ptr + 4 * b * count * row, from, count * row);
    }
    return y;
  }

  release(): void {
    this.rows.release();
  }
}
