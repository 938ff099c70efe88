// From scores to weights: what layers do alike with the scores of whatever variant.
import type { Padding, Run } from "../nn/run";
import { addTrailing } from "../ops/arithmetic";
import { lookup, multiplyTrailing, scaleRows } from "../ops/broadcast";
import { repeat } from "../ops/view";
import { recording } from "../tensor/tape";
import { ids, type Tensor } from "../tensor/tensor";
import { tapWeights, wantsWeights } from "./head-taps";
import { type Mask, type MaskName, masks } from "./mask";
import { type Normalizer, type NormalizerName, normalizers } from "./normalizer";
import type { Options } from "./options";
import { distances, type Places, pairs } from "./position/places";
import type { Position } from "./position/position";
import { type Scale, type ScaleInputs, type ScaleName, scales } from "./scale";
import type { FusedTerms } from "./scorer";
import { type CallSizes, real, Visibility } from "./visibility";

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

  /** Whether tokens see the past only, for variants that keep sums. */
  get causal(): boolean {
    return this.#mask.sums === "past";
  }

  /** What the fused kernel is told; `undefined` where it cannot do this, or somebody wants to see the logits. */
  fused(call: Call): FusedTerms | undefined {
    const { run, position, places, padding, tokens, batch } = call;
    const [normalizer, scale] = [this.#normalizer, this.#scale];
    const rows = scale.row || normalizer.row;
    const composed =
      !normalizer.fused ||
      !this.#mask.fused ||
      position.bands ||
      position.factor ||
      run.wants("logits") ||
      (recording() && wantsWeights(run, this.#config.heads)) || // the kernel's weights carry no gradient to who changes them
      (padding && rows) || // factors would differ between sequences
      (position.bias && (normalizer.row || places.gap === undefined)); // the factor is on the bias, too; no table of distances
    if (composed) return undefined;
    const factor = (n: number) => (scale.row?.(n, this.#inputs) ?? 1) * (normalizer.row?.(n) ?? 1);
    const relative = position.bias && distances(places, tokens);
    return {
      ...this.#mask.fused?.(this.#config.options),
      causal: this.#mask.hidesFuture === "always",
      rowScale: rows && this.#visibility(call).perRow(factor),
      bias:
        relative?.zero === undefined || !position.bias
          ? undefined
          : { table: position.bias(relative.values, this.#config.layer), zero: relative.zero },
      ...(padding && hidden(padding, batch, call.sources)),
    };
  }

  /** Scores [B, H, T, S] to weights; scores [1, H, T, S] stay one for all sequences, unless padding or a listener tells them apart. */
  weights(given: Tensor, call: Call): Tensor {
    const { run, position, places, tokens, batch, padding } = call;
    const apart = padding || run.wants("logits") || wantsWeights(run, this.#config.heads);
    const scores = apart && given.shape[0] !== batch ? repeat(given, batch) : given;
    const visibility = this.#visibility(call);
    const { row } = this.#scale;
    const { layer } = this.#config;
    const scaled = row
      ? scaleRows(
          scores,
          visibility.perRow((n) => row(n, this.#inputs)),
        )
      : scores;
    const relative = position.bias || position.factor ? distances(places, tokens) : undefined;
    const biased =
      relative && position.bias
        ? addTrailing(scaled, lookup(position.bias(relative.values, layer), pairs(relative, tokens)))
        : scaled;
    const logits = visibility.hide(run.tap("logits", biased));
    const weights = this.#normalizer.apply(logits, {
      perRow: (f) => visibility.perRow(f),
      trained: this.#inputs.trained,
      owned: !run.wants("logits"),
    });
    const weighted =
      relative && position.factor
        ? multiplyTrailing(weights, lookup(position.factor(relative.values), pairs(relative, tokens)))
        : weights;
    return tapWeights(run, weighted);
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

/** Padding as the fused kernel takes it: lengths, or, where it comes first, which of the sources are tokens. */
function hidden(
  padding: Padding,
  batch: number,
  sources: number,
): Pick<FusedTerms, "keyLengths" | "keyMask"> {
  if (padding.side === "right") return { keyLengths: ids(padding.lengths, [batch], "lengths") };
  const tokens = padding.lengths.flatMap((_, b) =>
    Array.from({ length: sources }, (_, s) => Number(real(padding, b, s, sources))),
  );
  return { keyMask: ids(tokens, [batch, sources], "padding") };
}
