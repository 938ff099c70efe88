// The attention layer: values, mixing by a variant's scores, output. It owns what all variants share.
import { Linear } from "../nn/linear";
import type { Run } from "../nn/run";
import { addTrailing } from "../ops/arithmetic";
import { weighValues } from "../ops/attention-products";
import { reshape } from "../ops/view";
import type { Rng } from "../tensor/rng";
import { expectShape } from "../tensor/shape";
import { type Tensor, tensor } from "../tensor/tensor";
import { type AttentionName, attentions } from ".";
import { RowCache } from "./cache";
import { type Mask, type MaskName, masks } from "./mask";
import { type Normalizer, type NormalizerName, normalizers } from "./normalizer";
import type { Position } from "./position/position";
import { type ScaleName, scales } from "./scale";
import type { Mixed, ScoreContext, Scorer } from "./scorer";

export interface AttentionConfig {
  readonly attention: AttentionName;
  readonly scale: ScaleName;
  readonly mask: MaskName;
  readonly normalizer: NormalizerName;
  readonly width: number;
  readonly heads: number;
  /** Key and value heads; must divide `heads`. */
  readonly kvHeads: number;
  readonly context: number;
  readonly bias: boolean;
}

export interface AttentionInit {
  /** Initial standard deviations of the projections and of the output. */
  readonly deviation: number;
  readonly outputDeviation: number;
  readonly rng: Rng;
}

/** What decoding keeps of the past tokens for one layer. */
export interface AttentionState {
  readonly values: RowCache;
  readonly scores?: RowCache;
}

export class Attention {
  readonly scores: Scorer;
  readonly value: Linear;
  readonly output: Linear;
  readonly #heads: number;
  readonly #kvHeads: number;
  readonly #headWidth: number;
  readonly #mask: Mask;
  readonly #normalizer: Normalizer;

  constructor(config: AttentionConfig, { deviation, outputDeviation, rng }: AttentionInit) {
    const { width, heads, kvHeads, bias, context } = config;
    const headWidth = width / heads;
    this.scores = attentions[config.attention].create({
      width,
      heads,
      keyHeads: kvHeads,
      headWidth,
      context,
      bias,
      deviation,
      scale: scales[config.scale].factor(headWidth),
      rng: rng.fork("scores"),
    });
    this.value = new Linear(width, kvHeads * headWidth, { bias, deviation, rng: rng.fork("value") });
    this.output = new Linear(heads * headWidth, width, {
      bias,
      deviation: outputDeviation,
      rng: rng.fork("output"),
    });
    this.#heads = heads;
    this.#kvHeads = kvHeads;
    this.#headWidth = headWidth;
    this.#mask = masks[config.mask];
    this.#normalizer = normalizers[config.normalizer];
  }

  /**
   * @param x [B, T, C], the T tokens after those in `state`, which are added to it
   * @returns [B, T, C]
   */
  apply(
    x: Tensor,
    { run, position, state }: { run: Run; position: Position; state?: AttentionState | undefined },
  ): Tensor {
    const { B, T } = expectShape("attention", "x", x, ["B", "T", "C"]);
    const past = state?.values.length ?? 0;
    const v = run.tap("value", reshape(this.value.apply(x), [B, T, this.#kvHeads, this.#headWidth]));
    state?.values.append(v);
    const values = state?.values.rows ?? v;
    const context: ScoreContext = {
      run: run.at("scores"),
      position,
      past,
      ...(state?.scores && { cache: state.scores }),
    };
    const mixed = run.tap("mixed", this.#mix(x, values, run, context));
    return this.output.apply(reshape(mixed, [B, T, this.#heads * this.#headWidth]));
  }

  /** What one sequence of decoding needs for `batch` rows of up to `capacity` tokens. Release it when done. */
  createState(batch: number, capacity: number): AttentionState {
    const { cacheShape } = this.scores;
    const values = new RowCache(batch, capacity, this.#kvHeads, this.#headWidth);
    return cacheShape
      ? { values, scores: new RowCache(batch, capacity, cacheShape.heads, cacheShape.width) }
      : { values };
  }

  #mix(x: Tensor, values: Tensor, run: Run, context: ScoreContext): Tensor {
    const fused = this.#normalizer.fused && this.#mask.fused;
    if (fused && this.scores.mix && !run.wants("logits")) {
      const result = this.scores.mix(x, values, fused, context);
      return run.wants("weights") ? tapWeights(result, values, run) : result.mixed;
    }
    const logits = run.tap("logits", this.scores.scores(x, context));
    const weights = run.tap("weights", this.#normalizer.apply(this.#masked(logits, context.past)));
    return weighValues(weights, values);
  }

  /** Adds -infinity where a source is hidden. */
  #masked(logits: Tensor, past: number): Tensor {
    const [T, S] = logits.shape.slice(-2) as [number, number]; // [B, H, T, S] by the scorer's contract
    const hidden = (index: number) => !this.#mask.allowed(past + Math.floor(index / S), index % S);
    const additive = Float32Array.from({ length: T * S }, (_, index) =>
      hidden(index) ? Number.NEGATIVE_INFINITY : 0,
    );
    return addTrailing(logits, tensor(additive, [T, S], "mask"));
  }
}

/** Shows the weights of the fused path; only a replacement costs the composed product. */
function tapWeights(result: Mixed, values: Tensor, run: Run): Tensor {
  const weights = result.weights();
  const shown = run.tap("weights", weights);
  return shown === weights ? result.mixed : weighValues(shown, values);
}
