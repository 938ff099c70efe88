// A decoder-only transformer (Radford et al. 2019): embedding, pre-norm blocks, final norm, unembedding.
import type { AttentionState } from "../attention/attention";
import { positions } from "../attention/position";
import type { Position } from "../attention/position/position";
import { Embedding } from "../nn/embedding";
import { Linear } from "../nn/linear";
import { named } from "../nn/module";
import { type Norm, norms } from "../nn/norm";
import { Run, type RunOptions } from "../nn/run";
import { addTrailing } from "../ops/arithmetic";
import { crossEntropy } from "../ops/crossentropy";
import { dropout } from "../ops/random";
import { lastToken } from "../ops/view";
import type { Rng } from "../tensor/rng";
import { expectShape } from "../tensor/shape";
import type { Tensor } from "../tensor/tensor";
import { Block } from "./block";
import { type GptConfig, gptConfig } from "./config";
import type { DecodeState, LanguageModel } from "./model";

/** GPT-2's initial standard deviation; the residual outputs get it divided by sqrt(2 layers). */
const DEVIATION = 0.02;

class GptState implements DecodeState {
  readonly layers: readonly AttentionState[];
  length = 0;

  constructor(layers: readonly AttentionState[]) {
    this.layers = layers;
  }

  release(): void {
    for (const { values, scores } of this.layers) {
      values.release();
      scores?.release();
    }
  }
}

export class Gpt implements LanguageModel {
  readonly token: Embedding;
  readonly position: Position;
  readonly blocks: readonly Block[];
  readonly norm: Norm;
  readonly unembedding?: Linear;
  readonly #config: GptConfig;

  constructor(config: GptConfig, rng: Rng) {
    const { vocabulary, context, width, heads, layers } = config;
    const deviation = DEVIATION;
    const outputDeviation = DEVIATION / Math.sqrt(2 * Math.max(layers, 1));
    this.token = new Embedding(vocabulary, width, { deviation, rng: rng.fork("token") });
    this.position = positions[config.position]({
      context,
      width,
      headWidth: width / heads,
      deviation,
      rng: rng.fork("position"),
    });
    this.blocks = Array.from(
      { length: layers },
      (_, index) => new Block(config, { deviation, outputDeviation, rng: rng.fork("blocks", index) }),
    );
    this.norm = norms[config.norm](width, { bias: config.bias, epsilon: config.normEpsilon });
    if (!config.tied) {
      this.unembedding = new Linear(width, vocabulary, {
        bias: false,
        deviation,
        rng: rng.fork("unembedding"),
      });
    }
    this.#config = config;
    named(this);
  }

  get kind(): "gpt" {
    return "gpt";
  }

  get config(): GptConfig {
    return this.#config;
  }

  logits(ids: Tensor, options?: RunOptions): Tensor {
    const run = new Run(options);
    return run.tap("logits", this.#unembed(this.#residual(ids, run)));
  }

  loss(ids: Tensor, targets: Tensor, options?: RunOptions): Tensor {
    return crossEntropy(this.logits(ids, options), targets);
  }

  createState(batch: number): GptState {
    return new GptState(this.blocks.map((block) => block.attention.createState(batch, this.#config.context)));
  }

  next(ids: Tensor, state: GptState, options?: RunOptions): Tensor {
    const run = new Run(options);
    const x = lastToken(this.#residual(ids, run, state));
    return run.tap("logits", this.#unembed(x));
  }

  /** The residual stream after the last block, [B, T, C]. */
  #residual(ids: Tensor, run: Run, state?: GptState): Tensor {
    const { T } = expectShape("gpt", "ids", ids, ["B", "T"]);
    const past = state?.length ?? 0;
    if (past + T > this.#config.context) {
      throw new Error(
        `gpt: at most ${this.#config.context} tokens fit the context, got ${past + T}; shorten the input`,
      );
    }
    const embedded = run.tap("token", this.token.apply(ids));
    const place = this.position.embed?.(T, past);
    const start = run.at("token");
    const first = place ? addTrailing(embedded, place) : embedded;
    const dropped = start.rng ? dropout(first, this.#config.dropout, start.rng) : first;
    const last = this.blocks.reduce(
      (x, block, index) => block.apply(x, run.at(`blocks.${index}`), this.position, state?.layers[index]),
      dropped,
    );
    if (state) state.length += T;
    return last;
  }

  #unembed(x: Tensor): Tensor {
    const normalized = this.norm.apply(x);
    return this.unembedding?.apply(normalized) ?? this.token.unembed(normalized);
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
