// Dense Synthesizer: each token says by itself, through two layers, how much it wants of every position. No keys are asked.
import { Linear } from "../nn/linear";
import { relu } from "../ops/activation";
import { reshape } from "../ops/view";
import type { Tensor } from "../tensor/tensor";
import type { ScoreContext, Scorer, ScorerConfig, ScoreVariant } from "./scorer";
import { expectReach, PositionLinear } from "./tables";

/** relu(x W1 + b1), head by head: what dense synthesisers make their logits from. */
export class Hidden {
  readonly first: Linear;
  readonly #heads: number;
  readonly #width: number;

  constructor({ width, heads, headWidth, deviation, options, rng }: ScorerConfig) {
    this.#heads = heads;
    this.#width = options.hidden || headWidth;
    this.first = new Linear(width, heads * this.#width, {
      bias: options.ownBias === "yes",
      deviation,
      rng: rng.fork("first"),
    });
  }

  /** Channels of a head. */
  get width(): number {
    return this.#width;
  }

  /** x [B, T, C] gives [B, T, H, D]. */
  apply(x: Tensor): Tensor {
    const [B, T] = x.shape as [number, number, number]; // checked by the layer
    return reshape(relu(this.first.apply(x)), [B, T, this.#heads, this.#width]);
  }
}

class DenseSynthesizer implements Scorer {
  readonly hidden: Hidden;
  readonly second: PositionLinear;
  readonly #context: number;

  constructor(config: ScorerConfig) {
    const { heads, context, options, rng } = config;
    this.hidden = new Hidden(config);
    this.second = new PositionLinear(heads, this.hidden.width, context, {
      shared: options.second === "shared",
      bias: options.ownBias === "yes" ? 0 : undefined,
      rng: rng.fork("second"),
    });
    this.#context = context;
  }

  scores(x: Tensor, { run, past }: ScoreContext): Tensor {
    const sources = past + x.shape[1]!;
    expectReach("dense-synthesizer", this.#context, sources);
    return this.second.apply(run.tap("hidden", this.hidden.apply(x)), sources);
  }
}

export const denseSynthesizer: ScoreVariant = {
  paper: "Tay et al. 2021, arXiv:2005.00743: Dense, relu(x_i W1 + b1) W2 + b2",
  hasKeys: false,
  absolute: true,
  hasScores: true,
  create: (config) => new DenseSynthesizer(config),
};
