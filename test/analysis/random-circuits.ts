// Circuits with random weights, patterns and tokens, for tests of what holds for all of them.
import type { Circuits } from "../../src/analysis/circuits";
import { FactoredMatrix } from "../../src/analysis/factored";
import { type Matrix, matrix } from "../../src/analysis/matrix";
import type { FrozenPatterns } from "../../src/analysis/paths";
import { type Rng, rng } from "../../src/tensor/rng";

export interface RandomRun {
  readonly circuits: Circuits;
  readonly tokens: readonly number[];
  readonly patterns: FrozenPatterns;
}

/** V 11, C 12, two heads of 4 in each layer, 9 tokens. */
export function randomRun(layers: number, seed = 1): RandomRun {
  const draws = rng(seed);
  const [V, C, D, H, T] = [11, 12, 4, 2, 9];
  const weights = (rows: number, columns: number) => randomMatrix(rows, columns, draws, 1 / Math.sqrt(C));
  const circuits: Circuits = {
    embedding: weights(V, C),
    unembedding: weights(C, V),
    layers: Array.from({ length: layers }, (_, layer) =>
      Array.from({ length: H }, (_, head) => ({
        ...{ layer, head },
        qk: new FactoredMatrix(weights(C, D), weights(D, C)),
        ov: new FactoredMatrix(weights(C, D), weights(D, C)),
      })),
    ),
  };
  return {
    circuits,
    tokens: Array.from({ length: T }, () => draws.integer(V)),
    patterns: circuits.layers.map((heads) => heads.map(() => causalPattern(T, draws))),
  };
}

export function randomMatrix(rows: number, columns: number, draws: Rng, deviation = 1): Matrix {
  return matrix(
    rows,
    columns,
    Array.from({ length: rows * columns }, () => deviation * draws.normal()),
  );
}

function causalPattern(T: number, draws: Rng): Float64Array {
  const weights = new Float64Array(T * T);
  for (let i = 0; i < T; i++) {
    const row = Array.from({ length: i + 1 }, () => draws.uniform());
    const sum = row.reduce((total, x) => total + x, 0);
    for (let j = 0; j <= i; j++) weights[i * T + j] = row[j]! / sum;
  }
  return weights;
}
