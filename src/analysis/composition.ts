// How much one head reads of what an earlier one wrote, from the weights alone (Elhage et al. 2021): the norm of the product of their
// circuits, relative to the product of the norms, and how much of that random matrices have, too.
import type { Rng } from "../tensor/rng";
import { allHeads, type Circuits, type HeadCircuit, type HeadPlace } from "./circuits";
import { FactoredMatrix } from "./factored";
import { type Matrix, matrix } from "./matrix";

/** What of the later head reads the earlier one: its queries, keys or values. */
export type CompositionKind = "Q" | "K" | "V";

export interface Composition {
  readonly from: HeadPlace;
  readonly to: HeadPlace;
  /** 0 to 1, Frobenius norms: |OV1 QK2|, |OV1 QK2^T| or |OV1 OV2|, each over the product of the two norms. */
  readonly score: number;
}

/**
 * The composition scores of all pairs of heads in different layers. What the paper printed had its factors permuted by a fault of a
 * library; its corrected figure has the formula that is here, and so has `all_composition_scores` of TransformerLens, from which no
 * baseline is subtracted either.
 */
export function compositionScores(circuits: Circuits, kind: CompositionKind): Composition[] {
  const heads = allHeads(circuits);
  return heads.flatMap((to) =>
    heads
      .filter(({ layer }) => layer < to.layer)
      .map((from) => ({
        from: place(from),
        to: place(to),
        score: compositionScore(from.ov, reader(to, kind)),
      })),
  );
}

/** |A B| / (|A| |B|), 0 where one of them is 0. */
export function compositionScore(a: FactoredMatrix, b: FactoredMatrix): number {
  const scale = a.norm() * b.norm();
  return scale === 0 ? 0 : a.times(b).norm() / scale;
}

/** Pairs that a baseline averages over; its standard error is then half a percent of it. */
const SAMPLES = 200;

/**
 * The mean score of random factored matrices of these sizes, standard normal factors: about 1 / sqrt(width). Subtract it: what is left is
 * composition.
 */
export function compositionBaseline(
  sizes: { readonly width: number; readonly headWidth: number },
  rng: Rng,
): number {
  const { width, headWidth } = sizes;
  const draw = () => new FactoredMatrix(normal(width, headWidth, rng), normal(headWidth, width, rng));
  let sum = 0;
  for (let sample = 0; sample < SAMPLES; sample++) sum += compositionScore(draw(), draw());
  return sum / SAMPLES;
}

function reader({ qk, ov }: HeadCircuit, kind: CompositionKind): FactoredMatrix {
  if (kind === "V") return ov;
  return kind === "Q" ? qk : qk.transposed();
}

function normal(rows: number, columns: number, rng: Rng): Matrix {
  return matrix(
    rows,
    columns,
    Array.from({ length: rows * columns }, () => rng.normal()),
  );
}

function place({ layer, head }: HeadPlace): HeadPlace {
  return { layer, head };
}
