// Who sees whom in one call of a layer: the mask, and the padding of this run, as numbers to add and as counts per row.
import type { Padding } from "../nn/run";
import { addTrailing } from "../ops/arithmetic";
import { type Tensor, tensor } from "../tensor/tensor";
import type { Mask, MaskPlace } from "./mask";

export interface CallSizes {
  readonly batch: number;
  /** Query tokens, the last of `sources`. */
  readonly tokens: number;
  readonly sources: number;
  readonly padding?: Padding | undefined;
  /** Instead of the mask's own, where decoding began with fewer tokens. */
  readonly prefix?: number | undefined;
}

export class Visibility {
  readonly #hidden: Float32Array;
  #hides = false;
  readonly #shape: readonly number[]; // [T, S], [H, T, S] or [B, H, T, S]

  constructor(mask: Mask, place: Omit<MaskPlace, "head">, call: CallSizes) {
    const { batch, tokens, sources, padding, prefix = place.prefix } = call;
    const heads = mask.perHead || padding ? place.heads : 1;
    const batches = padding ? batch : 1;
    const past = sources - tokens;
    this.#shape = padding
      ? [batches, heads, tokens, sources]
      : heads > 1
        ? [heads, tokens, sources]
        : [tokens, sources];
    this.#hidden = new Float32Array(batches * heads * tokens * sources);
    let i = 0;
    for (let b = 0; b < batches; b++) {
      for (let head = 0; head < heads; head++) {
        const at = { ...place, head, prefix };
        for (let t = 0; t < tokens; t++) {
          for (let s = 0; s < sources; s++, i++) {
            if (mask.allowed(past + t, s, at) && (!padding || real(padding, b, s, sources))) continue;
            this.#hidden[i] = Number.NEGATIVE_INFINITY;
            this.#hides = true;
          }
        }
      }
    }
  }

  /** Logits [B, H, T, S] with -infinity where a source is hidden; as they are where none is. */
  hide(logits: Tensor): Tensor {
    if (!this.#hides) return logits;
    return addTrailing(logits, tensor(this.#hidden, this.#shape, "mask"));
  }

  /** f of how many sources a row sees, for the rows of [B, H, T, S]; where all heads or sequences are alike they are not repeated. */
  perRow(f: (n: number) => number): Tensor {
    const S = this.#shape.at(-1)!; // never empty
    const count = S === 0 ? 0 : this.#hidden.length / S;
    const seen = (row: number) =>
      this.#hidden.subarray(row * S, (row + 1) * S).reduce((n, value) => n + (value === 0 ? 1 : 0), 0);
    return tensor(
      Float32Array.from({ length: count }, (_, row) => f(seen(row))),
      [count],
      "row factors",
    );
  }
}

/** Whether there is a token at `position` of sequence b. */
export function real({ lengths, side }: Padding, b: number, position: number, tokens: number): boolean {
  const length = lengths[b]!; // checked by the layer
  return side === "right" ? position < length : position >= tokens - length;
}
