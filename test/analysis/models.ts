// Models and tokens that tests of analysis look at: with weights so large that patterns are far from uniform.
import type { Model } from "../../src/models";
import { type AttentionOnly, attentionOnly } from "../../src/models/attention-only";
import type { GivenAttentionOnly } from "../../src/models/attention-only-config";
import type { GptConfig } from "../../src/models/config";
import { gau } from "../../src/models/gau";
import type { GivenGau } from "../../src/models/gau-config";
import { type Gpt, gpt } from "../../src/models/gpt";
import { namedParameters } from "../../src/nn/module";
import { rng } from "../../src/tensor/rng";
import { floats } from "../../src/tensor/tensor";

export const [V, C, H, T] = [11, 12, 3, 9];
const SIZES = { vocabulary: V, width: C, heads: H, context: T } as const;
export const tokens = Array.from({ length: T }, (_, i) => (i * i + 3 * i) % V);
export const others = Array.from({ length: T }, (_, i) => (2 * i * i + 5) % V);

export function aloneOf(changes: Partial<GivenAttentionOnly> = {}): AttentionOnly {
  return grown(attentionOnly({ ...SIZES, ...changes }, rng(1)));
}

export function gptOf(changes: Partial<GptConfig> = {}): Gpt {
  return grown(gpt({ ...SIZES, ...changes }, rng(1)));
}

export function gauOf(changes: Partial<GivenGau> = {}) {
  return grown(gau({ ...SIZES, heads: 1, keyWidth: 6, layers: 2, ...changes }, rng(1)));
}

/** Parameters with noise of about unit size on their way from input to output, gains and biases included. */
function grown<M extends Model>(model: M): M {
  for (const [name, x] of namedParameters(model)) {
    const draws = rng(5).fork(name);
    const spread = x.shape.length > 1 ? 1.5 / Math.sqrt(C) : 0.3;
    const weight = floats(x);
    for (let i = 0; i < weight.length; i++) weight[i] = weight[i]! + spread * draws.normal();
  }
  return model;
}

/** Models of all kinds whose blocks add to a stream. */
export const streaming: readonly (readonly [string, () => Model])[] = [
  ["attention-only without layers", () => aloneOf({ layers: 0 })],
  ["attention-only of one layer, smeared", () => aloneOf({ layers: 1, smear: "yes" })],
  ["attention-only of two layers", () => aloneOf()],
  ["attention-only with relative biases", () => aloneOf({ position: "relative" })],
  ["gpt", () => gptOf()],
  ["gpt without layers", () => gptOf({ layers: 0 })],
  ["gpt with biases and shared keys", () => gptOf({ bias: true, kvHeads: 1, norm: "rmsnorm", tied: false })],
  ["gpt with parallel halves", () => gptOf({ residual: "parallel", position: "rope" })],
  ["gpt of linear attention without norms", () => gptOf({ attention: "linear-elu", norm: "none" })],
  ["gpt as Llama is", () => gptOf({ norm: "rmsnorm", mlp: "gated", position: "rope", kvHeads: 1 })],
  ["gau", () => gauOf()],
];
