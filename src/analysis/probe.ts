// Looks at a model while it reads: attention patterns through taps. Nothing else is kept, and nothing changes.
import type { LanguageModel } from "../models/model";
import type { Tap } from "../nn/taps";
import { expectShape } from "../tensor/shape";
import { floats, ids, scope } from "../tensor/tensor";

export interface AttentionPattern {
  readonly layer: number;
  readonly head: number;
  /** [T, T] in row-major order: row i is what token i attends to. */
  readonly weights: Float32Array;
}

/**
 * The attention weights of every head of every layer while the model reads `tokens`, layer by layer. Copies; the model's own
 * tensors are released.
 *
 * @param tokens at least one id, at most the model's context
 */
export function attentionPatterns(model: LanguageModel, tokens: ArrayLike<number>): AttentionPattern[] {
  const T = tokens.length;
  if (T === 0) throw new Error("attentionPatterns: at least one token is needed, got none");
  const patterns: AttentionPattern[] = [];
  const listen =
    (layer: number): Tap =>
    (weights) => {
      const { H } = expectShape("attentionPatterns", "weights", weights, [1, "H", T, T]);
      const all = floats(weights);
      for (let head = 0; head < H; head++) {
        patterns.push({ layer, head, weights: all.slice(head * T * T, (head + 1) * T * T) });
      }
    };
  const taps = Object.fromEntries(
    Array.from({ length: layerCount(model) }, (_, layer) => [
      `blocks.${layer}.attention.weights`,
      listen(layer),
    ]),
  );
  scope(() => void model.logits(ids(tokens, [1, T]), { taps }));
  return patterns;
}

/** Models name their layers `blocks.0`, `blocks.1` ...; one without blocks has no attention to look at. */
function layerCount(model: LanguageModel): number {
  return "blocks" in model && Array.isArray(model.blocks) ? model.blocks.length : 0;
}
