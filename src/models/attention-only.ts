// Nothing but attention around a residual stream (Elhage et al. 2021, A Mathematical Framework for Transformer Circuits): no norm, no
// MLP, no bias, and no positions in the stream. Every logit is then a sum over paths through heads, each a product of matrices:
//
//     x = t W_E,  x <- x + sum over heads of A^h x W_V^h W_O^h  in each layer,  logits = x W_U
import { Attention, type AttentionInputs, type AttentionState } from "../attention/attention";
import { named } from "../nn/module";
import { norms } from "../nn/norm";
import { add } from "../ops/arithmetic";
import { dropout } from "../ops/random";
import type { Rng } from "../tensor/rng";
import type { Tensor } from "../tensor/tensor";
import {
  type AttentionOnlyConfig,
  attentionOnlyConfig,
  type GivenAttentionOnly,
} from "./attention-only-config";
import { type BlockInit, Decoder, type DecoderBlock } from "./decoder";

export class AttentionBlock implements DecoderBlock {
  readonly attention: Attention;
  readonly #dropout: number;

  constructor(config: AttentionOnlyConfig, { layer, rng }: BlockInit) {
    const { width, layers } = config;
    const init = {
      layer,
      deviation: 1 / Math.sqrt(width),
      outputDeviation: 1 / Math.sqrt(2 * layers * width),
    };
    this.attention = new Attention({ ...config, bias: false }, { ...init, rng: rng.fork("attention") });
    this.#dropout = config.dropout;
  }

  /** x [B, T, C] gives x + attention(x). */
  apply(given: Tensor, { run, ...inputs }: AttentionInputs): Tensor {
    const x = run.tap("input", given);
    const own = run.at("attention");
    const attended = own.tap("output", this.attention.apply(x, { ...inputs, run: own }));
    return run.tap("output", add(x, own.rng ? dropout(attended, this.#dropout, own.rng) : attended));
  }

  createState(batch: number, capacity: number): AttentionState {
    return this.attention.createState(batch, capacity);
  }
}

export class AttentionOnly extends Decoder<AttentionOnlyConfig, AttentionBlock> {
  constructor(config: AttentionOnlyConfig, rng: Rng) {
    super(config, {
      norm: norms.none(),
      headWidth: config.width / config.heads,
      deviation: 1 / Math.sqrt(config.width),
      positionDeviation: 0, // biases begin with none
      rng,
      block: (init) => new AttentionBlock(config, init),
    });
    named(this);
  }

  get kind(): "attention-only" {
    return "attention-only";
  }
}

/**
 * A new model with random weights: W_E, W_U, W_Q, W_K and W_V of variance 1/C, W_O of 1/(2 layers C).
 *
 * @param config at least `vocabulary`; see `AttentionOnlyConfig` for the rest and `attentionOnlyConfig` for the defaults
 * @throws Error when the configuration is not sound
 */
export function attentionOnly(config: GivenAttentionOnly, rng: Rng): AttentionOnly {
  return new AttentionOnly(attentionOnlyConfig(config), rng);
}
