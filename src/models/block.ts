// One layer of a transformer: attention and MLP, each normalised first and added to the residual stream.
import { Attention, type AttentionInputs, type AttentionState } from "../attention/attention";
import { biasesOf } from "../nn/biases";
import { Mlp } from "../nn/mlp";
import { type Norm, norms } from "../nn/norm";
import type { Run } from "../nn/run";
import { add } from "../ops/arithmetic";
import { dropout } from "../ops/random";
import type { Tensor } from "../tensor/tensor";
import type { GptConfig } from "./config";
import type { BlockInit, DecoderBlock } from "./decoder";

interface GptBlockInit extends BlockInit {
  readonly deviation: number;
  readonly outputDeviation: number;
  /** Whether attention has biases, where that differs from the rest of the block. */
  readonly attentionBias?: boolean;
}

export class Block implements DecoderBlock {
  readonly norm1: Norm;
  readonly attention: Attention;
  readonly norm2: Norm;
  readonly mlp: Mlp;
  readonly #dropout: number;
  readonly #parallel: boolean;

  constructor(config: GptConfig, init: GptBlockInit) {
    const { layer, deviation, outputDeviation, attentionBias, rng } = init;
    const { width, activation } = config;
    const biases = biasesOf(config.bias);
    const norm = () => norms[config.norm](width, { bias: biases.norms, epsilon: config.normEpsilon });
    this.norm1 = norm();
    this.attention = new Attention(
      { ...config, bias: attentionBias ?? biases.projections, outputBias: attentionBias ?? biases.output },
      { layer, deviation, outputDeviation, rng: rng.fork("attention") },
    );
    this.norm2 = norm();
    this.mlp = new Mlp({
      width,
      hidden: config.mlpWidth,
      activation,
      gated: config.mlp === "gated",
      bias: biases.mlp,
      deviation,
      outputDeviation,
      rng: rng.fork("mlp"),
    });
    this.#dropout = config.dropout;
    this.#parallel = config.residual === "parallel";
  }

  /** [B, T, C] gives [B, T, C]. */
  apply(given: Tensor, { run, ...inputs }: AttentionInputs): Tensor {
    const x = run.tap("input", given);
    const attended = this.attention.apply(this.norm1.apply(x), { ...inputs, run: run.at("attention") });
    const middle = run.tap("middle", this.#add(x, attended, run.at("attention")));
    const read = this.norm2.apply(this.#parallel ? x : middle);
    return run.tap("output", this.#add(middle, this.mlp.apply(read), run.at("mlp")));
  }

  createState(batch: number, capacity: number): AttentionState {
    return this.attention.createState(batch, capacity);
  }

  #add(x: Tensor, change: Tensor, run: Run): Tensor {
    const shown = run.tap("output", change);
    return add(x, run.rng ? dropout(shown, this.#dropout, run.rng) : shown);
  }
}
