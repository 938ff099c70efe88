// From scores to weights: what layers do alike with the scores of whatever variant.
import type { Run } from "../nn/run";
import { addTrailing } from "../ops/arithmetic";
import { lookup, multiplyTrailing, scaleRows } from "../ops/broadcast";
import { repeat } from "../ops/view";
import type { Tensor } from "../tensor/tensor";
import { type Mask, type MaskName, masks } from "./mask";
import { type Normalizer, type NormalizerName, normalizers } from "./normalizer";
import type { Options } from "./options";
import { distances, type Places, pairs } from "./position/places";
import type { Position } from "./position/position";
import { type Scale, type ScaleInputs, type ScaleName, scales } from "./scale";
import type { FusedTerms } from "./scorer";
import { type CallSizes, Visibility } from "./visibility";

export interface WeigherConfig {
  readonly scale: ScaleName;
  readonly mask: MaskName;
  readonly normalizer: NormalizerName;
  readonly options: Options;
  readonly layer: number;
  readonly heads: number;
  readonly headWidth: number;
  readonly context: number;
}

export interface Call extends CallSizes {
  readonly run: Run;
  readonly position: Position;
  readonly places: Places;
}

export class Weigher {
  /** The constant factor on products of queries and keys. */
  readonly factor: number;
  readonly #scale: Scale;
  readonly #mask: Mask;
  readonly #normalizer: Normalizer;
  readonly #config: WeigherConfig;
  readonly #inputs: ScaleInputs;
  /** The last one asked for, as training asks for the same again and again. */
  #known: { readonly key: string; readonly visibility: Visibility } | undefined;

  constructor(config: WeigherConfig) {
    const { options, context, headWidth } = config;
    this.#scale = scales[config.scale];
    this.#mask = masks[config.mask];
    this.#normalizer = normalizers[config.normalizer];
    this.#config = config;
    this.#inputs = { width: headWidth, trained: options.trained || context, options };
    this.factor = this.#scale.constant(this.#inputs);
  }

  /** Whether the mask is causal; only for the masks that the fused kernel has. */
  get causal(): boolean {
    return this.#mask.fused?.causal === true;
  }

  /** What the fused kernel is told; `undefined` where it cannot do this. */
  fused({ run, position, padding }: Call): FusedTerms | undefined {
    const composed =
      this.#scale.row ||
      !this.#normalizer.fused ||
      padding ||
      position.bands ||
      position.bias ||
      position.factor ||
      run.wants("logits");
    return composed ? undefined : this.#mask.fused;
  }

  /** Scores [B, H, T, S] to weights; scores [1, H, T, S] stay one for all sequences, unless padding or a listener tells them apart. */
  weights(given: Tensor, call: Call): Tensor {
    const { run, position, places, tokens, batch, padding } = call;
    const apart = padding || run.wants("logits") || run.wants("weights");
    const scores = apart && given.shape[0] !== batch ? repeat(given, batch) : given;
    const visibility = this.#visibility(call);
    const { row } = this.#scale;
    const scaled = row
      ? scaleRows(
          scores,
          visibility.perRow((n) => row(n, this.#inputs)),
        )
      : scores;
    const relative = position.bias || position.factor ? distances(places, tokens) : undefined;
    const biased =
      relative && position.bias
        ? addTrailing(scaled, lookup(position.bias(relative.values), pairs(relative, tokens)))
        : scaled;
    const logits = visibility.hide(run.tap("logits", biased));
    const weights = this.#normalizer.apply(logits, {
      perRow: (f) => visibility.perRow(f),
      trained: this.#inputs.trained,
    });
    const weighted =
      relative && position.factor
        ? multiplyTrailing(weights, lookup(position.factor(relative.values), pairs(relative, tokens)))
        : weights;
    return run.tap("weights", weighted);
  }

  #visibility(call: Call): Visibility {
    const { layer, heads, options } = this.#config;
    const place = { layer, heads, window: options.window, prefix: options.prefix };
    if (call.padding) return new Visibility(this.#mask, place, call);
    const key = `${call.tokens} of ${call.sources}, prefix ${call.prefix}`;
    if (this.#known?.key !== key) this.#known = { key, visibility: new Visibility(this.#mask, place, call) };
    return this.#known.visibility;
  }
}
