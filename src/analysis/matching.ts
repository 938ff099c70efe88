// Whether a head looks for tokens that stand after the one it is at, from the weights alone: the QK side of induction.
import { type Circuits, type HeadCircuit, headName } from "./circuits";
import { FactoredMatrix } from "./factored";
import { type Matrix, matrix, plus, product, transposed } from "./matrix";

/**
 * How token d (row) of a later head asks for keys that earlier heads wrote of token s (column), [V, V]:
 *
 *     W_E QK (sum over earlier heads of w OV)^T W_E^T,   w = a head's previous-token score
 *
 * which is the pure K-composition term of the scores (Elhage et al. 2021) with earlier heads taken for previous-token heads as far as
 * they are. Where it matches the same token the head does induction: its trace (Olsson et al. 2022; it grows with the scale of the
 * weights) and the ratio of its eigenvalues (`eigenRatio`; it does not) are large.
 *
 * @param previous previous-token scores by layer and head
 * @throws Error for a head of the first layer, which has no earlier ones
 */
export function sameMatching(
  circuits: Circuits,
  head: HeadCircuit,
  previous: readonly (readonly number[])[],
): FactoredMatrix {
  const { embedding, layers } = circuits;
  if (head.layer === 0)
    throw new Error(`sameMatching: a head needs earlier layers to read from, ${headName(head)} has none`);
  // The sum has no small rank, but its product with W_K has.
  const [query, key] = [head.qk.left, transposed(head.qk.right)];
  const written = layers
    .slice(0, head.layer)
    .flatMap((heads, layer) =>
      heads.map(({ ov }, at) => {
        const weight = previous[layer]?.[at];
        if (weight === undefined)
          throw new Error(`sameMatching: every earlier head needs a score, L${layer}H${at} has none`);
        const read = product(ov.left, product(ov.right, key));
        return { ...read, values: read.values.map((value) => value * weight) };
      }),
    )
    .reduce<Matrix>((sum, read) => plus(sum, read), matrix(embedding.columns, key.columns));
  return new FactoredMatrix(product(embedding, query), transposed(product(embedding, written)));
}
