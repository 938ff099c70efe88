// A decoder of gated attention units (Hua et al. 2022, arXiv:2202.10447): two units take the place of attention and MLP.
import { named } from "../nn/module";
import { norms } from "../nn/norm";
import type { Rng } from "../tensor/rng";
import { Decoder } from "./decoder";
import { type GauConfig, type GivenGau, gauConfig } from "./gau-config";
import { GauUnit } from "./gau-unit";

/** Of embeddings and position tables, as in gpt. */
const DEVIATION = 0.02;

export class Gau extends Decoder<GauConfig, GauUnit> {
  constructor(config: GauConfig, rng: Rng) {
    super(config, {
      norm: norms[config.norm](config.width, { bias: config.bias, epsilon: config.normEpsilon }),
      headWidth: config.keyWidth,
      deviation: DEVIATION,
      rng,
      block: (init) => new GauUnit(config, init),
    });
    named(this);
  }

  get kind(): "gau" {
    return "gau";
  }
}

/**
 * A new model with random weights.
 *
 * @param config at least `vocabulary`; see `GauConfig` for the rest and `gauConfig` for the defaults
 * @throws Error when the configuration is not sound
 */
export function gau(config: GivenGau, rng: Rng): Gau {
  return new Gau(gauConfig(config), rng);
}
