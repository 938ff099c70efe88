// Each key is a mixture with the key before it, which puts "what came before me" into one layer (Olsson et al. 2022).
import { parameter } from "../../nn/module";
import { full } from "../../ops/random";
import { smear } from "../../ops/smear";
import { reshape, rowsFrom } from "../../ops/view";
import type { Tensor } from "../../tensor/tensor";
import type { Position, PositionConfig, PositionScheme } from "./position";

class SmearedKeys implements Position {
  /** The share of a token's own key is its sigmoid. */
  readonly alpha: Tensor; // [layers, key heads]
  readonly #keyHeads: number;

  constructor({ layers, keyHeads }: PositionConfig) {
    this.alpha = parameter(full([layers, keyHeads], 0));
    this.#keyHeads = keyHeads;
  }

  keys(raw: Tensor, sources: number, layer: number): Tensor {
    return smear(raw, reshape(rowsFrom(this.alpha, layer, 1), [this.#keyHeads]), sources);
  }
}

export const smearedKeys: PositionScheme = {
  what: "each key is mixed with the one before, by a learned share per layer and head (Olsson et al. 2022, arXiv:2209.11895)",
  tells: "nothing",
  absolute: true, // the first key has none before it
  works: "keys and scores", // the key before must still be there
  create: (config) => new SmearedKeys(config),
};
