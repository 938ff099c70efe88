// The circuits of attention heads as factored matrices, in row convention: a head compares residual streams by QK = W_Q W_K^T and moves
// OV = W_V W_O (Elhage et al. 2021, A Mathematical Framework for Transformer Circuits, which writes them for columns: W_QK = W_Q^T W_K,
// W_OV = W_O W_V). Between embedding and unembedding they become circuits over tokens: W_E QK W_E^T and W_E OV W_U.
import { FactoredMatrix } from "./factored";
import { type Matrix, transposed } from "./matrix";

/** Which head: layer and number, both from 0. */
export interface HeadPlace {
  readonly layer: number;
  readonly head: number;
}

export interface HeadCircuit extends HeadPlace {
  /** [C, C] by [C, D] and [D, C]: W_Q and W_K^T. The scale of scores is not in it. */
  readonly qk: FactoredMatrix;
  /** [C, C] by [C, D] and [D, C]: W_V and W_O. */
  readonly ov: FactoredMatrix;
}

/** All weights of a model of attention alone. */
export interface Circuits {
  /** W_E [V, C] */
  readonly embedding: Matrix;
  /** W_U [C, V] */
  readonly unembedding: Matrix;
  /** P [T, C], which queries and keys see beside the residual stream; absent where they see none. */
  readonly position?: Matrix;
  /** By layer and head. */
  readonly layers: readonly (readonly HeadCircuit[])[];
}

/** "L0H1" */
export function headName({ layer, head }: HeadPlace): string {
  return `L${layer}H${head}`;
}

/** Heads of all layers, layer by layer. */
export function allHeads({ layers }: Pick<Circuits, "layers">): HeadCircuit[] {
  return layers.flat();
}

/** W_E OV W_U [V, V]: row s is what attending to token s adds to the logits. */
export function fullOv({ embedding, unembedding }: Circuits, { ov }: HeadCircuit): FactoredMatrix {
  return ov.between(embedding, unembedding);
}

/** W_E QK W_E^T [V, V]: how token d (row) asks for token s (column). Exact for the first layer, the tokens' part in later ones. */
export function fullQk({ embedding }: Circuits, { qk }: HeadCircuit): FactoredMatrix {
  return qk.between(embedding, transposed(embedding));
}

/**
 * P QK P^T [T, T]: how a position asks for another, beside what tokens do.
 * @throws Error for a model whose queries and keys see no positions
 */
export function positionQk({ position }: Circuits, { qk }: HeadCircuit): FactoredMatrix {
  if (!position)
    throw new Error(
      "positionQk: queries and keys must see positions beside the residual stream, these do not",
    );
  return qk.between(position, transposed(position));
}

/** W_E W_U [V, V]: what a token says about the next one by itself, the bigrams. */
export function directPath({ embedding, unembedding }: Circuits): FactoredMatrix {
  return new FactoredMatrix(embedding, unembedding);
}
