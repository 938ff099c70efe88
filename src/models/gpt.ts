// A decoder-only transformer (Radford et al. 2019): embedding, pre-norm blocks, final norm, unembedding.
import { biasesOf } from "../nn/biases";
import { named } from "../nn/module";
import { norms } from "../nn/norm";
import type { Rng } from "../tensor/rng";
import { Block } from "./block";
import { type GptConfig, gptConfig } from "./config";
import { Decoder } from "./decoder";

/** GPT-2's initial standard deviation; the residual outputs get it divided by sqrt(2 layers). */
const DEVIATION = 0.02;

export class Gpt extends Decoder<GptConfig, Block> {
  constructor(config: GptConfig, rng: Rng) {
    const deviation = DEVIATION;
    const outputDeviation = DEVIATION / Math.sqrt(2 * Math.max(config.layers, 1));
    super(config, {
      norm: norms[config.norm](config.width, {
        bias: biasesOf(config.bias).norms,
        epsilon: config.normEpsilon,
      }),
      headWidth: config.width / config.heads,
      deviation,
      rng,
      block: (init) => new Block(config, { ...init, deviation, outputDeviation }),
    });
    named(this);
  }

  get kind(): "gpt" {
    return "gpt";
  }
}

/**
 * A new model with random weights.
 *
 * @param config at least `vocabulary`; see `GptConfig` for the rest and `gptConfig` for the defaults
 * @throws Error when the configuration is not sound
 */
export function gpt(config: Partial<GptConfig> & Pick<GptConfig, "vocabulary">, rng: Rng): Gpt {
  return new Gpt(gptConfig(config), rng);
}
