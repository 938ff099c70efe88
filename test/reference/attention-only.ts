// The float64 twin of attention-only models: x = t W_E, x <- x + attention(x) in each layer, logits = x W_U.
import type { AttentionOnlyConfig } from "../../src/models/attention-only-config";
import { attentionLayer } from "./attention-layer";
import type { Parameters } from "./attention-positions";
import type { Graph } from "./graph";
import { add, embedding, type Grid, linear } from "./ops";

/** Parameters by the model's paths; tokens of B sequences of T give logits [B, T, V]. */
export function attentionOnlyLogits(
  g: Graph,
  config: AttentionOnlyConfig,
  parameters: Parameters,
  tokens: readonly number[],
  [B, T]: readonly [number, number],
): Grid {
  const positions = Object.entries(parameters).filter(([path]) => path.startsWith("position."));
  let x = embedding(g, parameters["token.weight"]!, tokens, [B, T]);
  for (let layer = 0; layer < config.layers; layer++) {
    const prefix = `blocks.${layer}.attention.`;
    const own = Object.entries(parameters).flatMap(([path, value]) =>
      path.startsWith(prefix) ? [[`layer.${path.slice(prefix.length)}`, value] as const] : [],
    );
    const inputs = Object.fromEntries([["x", x], ...positions, ...own]);
    x = add(g, x, attentionLayer(g, config, inputs, { fused: true, context: config.context, layer }).y);
  }
  return linear(g, x, parameters["unembedding.weight"]!);
}
