// What a model of attention alone computes, as a sum over paths through its heads (Elhage et al. 2021): with the patterns of a run held
// fixed the logits are linear in the embeddings, and fall apart exactly into
//
//     t W_E W_U                                     the direct path: bigrams
//     A t W_E OV W_U                                through one head: skip-trigrams
//     (A2 A1) t W_E OV1 OV2 W_U                     through two: a virtual head, with a pattern and an OV circuit of its own
//
// and so on for more layers. t: the tokens, one-hot [T, V]; A: a head's pattern [T, T].
import { type Circuits, type HeadPlace, headName } from "./circuits";
import { type Matrix, matrix, plus, product, rowOf } from "./matrix";

/** Patterns of a run by layer and head, [T, T] each in row-major order. */
export type FrozenPatterns = readonly (readonly ArrayLike<number>[])[];

export interface PathTerm {
  /** Heads from the first to the last; none for the direct path. */
  readonly path: readonly HeadPlace[];
  /** "direct", "L0H1", "L0H1 > L1H0" */
  readonly name: string;
  /** What the path adds to the logits, [T, V]. */
  readonly logits: Matrix;
}

/**
 * The terms of all paths of one sequence; their sum is the logits of the run. There are as many as the product of heads + 1 over layers.
 * Values at the positions of the run see no positions here: a model that adds them to the residual stream has other terms.
 *
 * @throws Error for tokens outside of the vocabulary, or patterns that are not [T, T] for every head
 */
export function* pathTerms(
  circuits: Circuits,
  tokens: ArrayLike<number>,
  patterns: FrozenPatterns,
): Generator<PathTerm, void> {
  const run = frozenRun(circuits, tokens, patterns);
  function* from(residual: Matrix, path: readonly HeadPlace[], layer: number): Generator<PathTerm, void> {
    yield {
      path,
      name: path.length === 0 ? "direct" : path.map(headName).join(" > "),
      logits: product(residual, circuits.unembedding),
    };
    for (const head of circuits.layers.slice(layer).flat())
      yield* from(
        run.through(head, residual),
        [...path, { layer: head.layer, head: head.head }],
        head.layer + 1,
      );
  }
  yield* from(run.start, [], 0);
}

/**
 * The logits of paths through 0, 1, ... heads, each order summed: [layers + 1] of [T, V]. Up to order n this is what n rounds of the
 * paper's procedure measure (freeze the patterns; in round n add to the residual stream what heads gave in round n - 1), at a cost linear
 * in heads.
 *
 * @param chosen heads that count; the default is all
 * @throws Error as `pathTerms`
 */
export function logitsByOrder(
  circuits: Circuits,
  tokens: ArrayLike<number>,
  patterns: FrozenPatterns,
  chosen: (head: HeadPlace) => boolean = () => true,
): Matrix[] {
  const run = frozenRun(circuits, tokens, patterns);
  const { rows, columns } = run.start;
  // residuals[n]: what paths through n heads brought to the layer.
  let residuals = circuits.layers.reduce((all) => [...all, matrix(rows, columns)], [run.start]);
  for (const heads of circuits.layers) {
    const active = heads.filter(chosen);
    residuals = residuals.map((residual, order) =>
      order === 0
        ? residual
        : active.reduce((sum, head) => plus(sum, run.through(head, residuals[order - 1]!)), residual),
    );
  }
  return residuals.map((residual) => product(residual, circuits.unembedding));
}

function frozenRun({ embedding, layers }: Circuits, tokens: ArrayLike<number>, patterns: FrozenPatterns) {
  const T = tokens.length;
  const start = matrix(T, embedding.columns);
  for (let i = 0; i < T; i++) {
    const token = tokens[i]!;
    if (!(Number.isInteger(token) && token >= 0 && token < embedding.rows))
      throw new Error(`paths: tokens must be 0..${embedding.rows - 1}, got ${token}`);
    rowOf(start, i).set(rowOf(embedding, token));
  }
  const frozen = layers.map((heads, layer) =>
    heads.map((head, at) => {
      const pattern = patterns[layer]?.[at];
      if (pattern?.length !== T * T)
        throw new Error(
          `paths: every head needs a pattern [${T}, ${T}], ${headName(head)} has ${pattern ? `${pattern.length} weights` : "none"}`,
        );
      return matrix(T, T, pattern);
    }),
  );
  /** A r OV: what a head makes of a part of the residual stream. */
  const through = (head: HeadPlace, residual: Matrix): Matrix => {
    const { ov } = layers[head.layer]![head.head]!; // heads come from the circuits
    return product(product(frozen[head.layer]![head.head]!, product(residual, ov.left)), ov.right);
  };
  return { start, through };
}
