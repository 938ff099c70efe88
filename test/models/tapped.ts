// Small models of every kind whose places are tapped, and what they show there.
import { attentionOnly } from "../../src/models/attention-only";
import { gau } from "../../src/models/gau";
import { gpt } from "../../src/models/gpt";
import type { LanguageModel } from "../../src/models/model";
import { oneLayer } from "../../src/models/one-layer";
import { namedParameters } from "../../src/nn/module";
import type { Taps } from "../../src/nn/taps";
import { rng } from "../../src/tensor/rng";
import { floats, ids, scope, type Tensor } from "../../src/tensor/tensor";
import { noise } from "../assembly/battery";

export const [B, T, C, H, V] = [2, 5, 8, 2, 7];
export const SIZES = { vocabulary: V, width: C, heads: H, context: 6, layers: 2 };
export const TOKENS = [3, 1, 4, 1, 5, 2, 6, 5, 3, 5];
export const input = () => ids(TOKENS, [B, T]);

export const makers: Readonly<Record<string, () => LanguageModel>> = {
  "attention-only": () => attentionOnly(SIZES, rng(1)),
  "attention-only, smeared, relative": () =>
    attentionOnly({ ...SIZES, position: "relative", smear: "yes" }, rng(1)),
  "attention-only, relu2": () => attentionOnly({ ...SIZES, normalizer: "relu2" }, rng(1)),
  gpt: () => gpt(SIZES, rng(1)),
  "gpt with one key head and biases": () =>
    gpt({ ...SIZES, kvHeads: 1, bias: true, position: "rope", norm: "rmsnorm" }, rng(1)),
  "gpt with linear attention": () =>
    gpt({ ...SIZES, attention: "linear-elu", position: "none", norm: "none" }, rng(1)),
  "gpt with a table of positions": () => gpt({ ...SIZES, attention: "random-synthesizer" }, rng(1)),
  "gpt with a mixture": () => gpt({ ...SIZES, attention: "mixture" }, rng(1)),
  gau: () => gau({ ...SIZES, heads: 1 }, rng(1)),
  "gau with softmax, norm after": () =>
    gau({ ...SIZES, heads: 1, normalizer: "softmax", placement: "post" }, rng(1)),
  "one-layer": () => oneLayer({ vocabulary: V, context: 6, width: C }, rng(1)),
};

/** A model whose weights are large enough that nothing is nearly uniform. */
export function make(name: string): LanguageModel {
  const model = makers[name]!();
  for (const [path, x] of namedParameters(model)) floats(x).set(noise(x.size, path.length, -0.6, 0.7));
  return model;
}

export function logitsOf(model: LanguageModel, taps?: Taps): Float32Array {
  return model.logits(input(), taps && { taps }).values();
}

/** What the model shows at a path. */
export function kept(model: LanguageModel, path: string, more: Taps = {}): Float32Array {
  let values: Float32Array | undefined;
  const keep = (x: Tensor) => {
    values = x.values();
  };
  scope(() => logitsOf(model, { ...more, [path]: keep }));
  return values!; // the path is the model's
}
