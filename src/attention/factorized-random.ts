// Factorized Random Synthesizer: the table of pairs of positions as a product of two thin ones, R1 R2ᵀ.
import { table } from "../nn/module";
import { multiply } from "../ops/arithmetic";
import { addSourceBias } from "../ops/logits";
import { matmul } from "../ops/matmul";
import { full } from "../ops/random";
import { reshape, submatrix } from "../ops/view";
import type { Tensor } from "../tensor/tensor";
import type { ScoreContext, Scorer, ScorerConfig, ScoreVariant } from "./scorer";
import { expectReach, randomTable } from "./tables";

class FactorizedRandom implements Scorer {
  readonly left: Tensor; // [H, N, K]
  readonly right: Tensor; // [H, N, K]
  readonly #pooled: boolean;

  constructor({ heads, context, options, rng }: ScorerConfig) {
    // Products of K pairs then have deviation 1.
    const deviation = 1 / Math.sqrt(Math.sqrt(options.rank));
    const make = (name: string) =>
      table(randomTable([heads, context, options.rank], { options, deviation, rng: rng.fork(name) }));
    this.left = make("left");
    this.right = make("right");
    this.#pooled = options.factors === "pooled";
  }

  scores(x: Tensor, { past }: ScoreContext): Tensor {
    const tokens = x.shape[1]!; // [B, T, C], checked by the layer
    const [heads, context, rank] = this.left.shape as [number, number, number]; // made above
    const sources = past + tokens;
    expectReach("factorized-random", context, sources);
    const shape = [1, heads, tokens, sources];
    const right = submatrix(this.right, { rows: sources, columns: rank });
    if (!this.#pooled) {
      const left = submatrix(this.left, { first: past, rows: tokens, columns: rank });
      return reshape(matmul(left, right, { transposeB: true }), shape);
    }
    // Mesh TensorFlow sums over the rank alone and so gives every token the same row: sum over r of R1[j, r] R2[j, r].
    const left = submatrix(this.left, { rows: sources, columns: rank });
    const row = matmul(multiply(left, right), full([rank, 1], 1)); // [H, S, 1]
    return addSourceBias(full(shape, 0), reshape(row, [heads, sources]));
  }
}

export const factorizedRandom: ScoreVariant = {
  paper: "Tay et al. 2021, arXiv:2005.00743: Factorized Random, sum over r of R1[h, i, r] R2[h, j, r]",
  hasKeys: false,
  absolute: true,
  hasScores: true,
  create: (config) => new FactorizedRandom(config),
};
