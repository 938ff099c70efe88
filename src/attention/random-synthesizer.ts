// Random Synthesizer: attention logits are a table of pairs of positions, whatever the tokens are. Learned, or fixed at random.
import { table } from "../nn/module";
import { reshape, submatrix } from "../ops/view";
import type { Tensor } from "../tensor/tensor";
import type { ScoreContext, Scorer, ScorerConfig, ScoreVariant } from "./scorer";
import { expectReach, randomTable } from "./tables";

/** Initial deviations unless `spread` says otherwise. At 1 a row of a fixed table has heads that differ, at 0.01 it is a mean. */
const LEARNED = 0.5;
const FIXED = 1;

class RandomSynthesizer implements Scorer {
  /** One for all sequences. Not a parameter when fixed: no optimiser sees it, checkpoints keep it. */
  readonly table: Tensor; // [H, N, N]
  readonly #place: string;

  constructor(place: string, { heads, context, options, rng }: ScorerConfig, learned: boolean) {
    const deviation = options.spread || (learned ? LEARNED : FIXED);
    const made = randomTable([heads, context, context], { options, deviation, rng: rng.fork("table") });
    this.table = learned ? table(made) : made;
    this.#place = place;
  }

  scores(x: Tensor, { past }: ScoreContext): Tensor {
    const tokens = x.shape[1]!; // [B, T, C], checked by the layer
    const [heads, context] = this.table.shape as [number, number, number]; // made above
    const sources = past + tokens;
    expectReach(this.#place, context, sources);
    const rows = submatrix(this.table, { first: past, rows: tokens, columns: sources });
    return reshape(rows, [1, heads, tokens, sources]);
  }
}

const paper =
  "Tay et al. 2021, Synthesizer: Rethinking Self-Attention for Transformer Models, arXiv:2005.00743";

export const randomSynthesizer: ScoreVariant = {
  paper: `${paper}: Random, R[h, i, j]`,
  hasKeys: false,
  absolute: true,
  hasScores: true,
  create: (config) => new RandomSynthesizer("random-synthesizer", config, true),
};

export const fixedRandom: ScoreVariant = {
  paper: `${paper}: Fixed Random, R[h, i, j] as drawn`,
  hasKeys: false,
  absolute: true,
  hasScores: true,
  create: (config) => new RandomSynthesizer("fixed-random", config, false),
};
