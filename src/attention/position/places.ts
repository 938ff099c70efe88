// Where the tokens of a sequence stand, and how far apart.
import { ids, type Tensor } from "../../tensor/tensor";

export interface Places {
  /** The position of every token, those of the past included; fractions only where the index strategy says so. */
  readonly at: Float64Array;
  /** The distance from each to the next where it is always the same. */
  readonly gap?: number;
}

/** All distances between queries and sources, each once, and which of them belongs to a pair. */
export interface Distances {
  /** [R], query minus source. */
  readonly values: Float64Array;
  /** Where all neighbours are equally far apart: which of them is zero, the others standing in the order of the sources. */
  readonly zero?: number;
  /** Of the pair (t, s) at t S + s: [T, S]. */
  readonly index: Int32Array;
}

/** The distances from the last `tokens` to all. */
export function distances({ at, gap }: Places, tokens: number): Distances {
  const S = at.length;
  const past = S - tokens;
  const index = new Int32Array(tokens * S);
  if (gap !== undefined) {
    const zero = Math.max(S - 1, 0);
    for (let i = 0; i < index.length; i++) index[i] = (i % S) - (past + Math.floor(i / S)) + zero;
    const count = index.length === 0 ? 0 : S + tokens - 1;
    return { values: Float64Array.from({ length: count }, (_, r) => (zero - r) * gap), index, zero };
  }
  const known = new Map<number, number>();
  for (let i = 0; i < index.length; i++) {
    const distance = at[past + Math.floor(i / S)]! - at[i % S]!;
    const r = known.get(distance) ?? known.size;
    known.set(distance, r);
    index[i] = r;
  }
  return { values: Float64Array.from(known.keys()), index };
}

/** The index as a tensor [T, S]. */
export function pairs({ index }: Distances, tokens: number): Tensor {
  return ids(index, [tokens, tokens === 0 ? 0 : index.length / tokens], "distances");
}
