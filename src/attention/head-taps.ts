// What can be heard of the heads of a layer, all or one: their weights, `weights` and `weights.3`, and what each adds to the output.
import type { Linear } from "../nn/linear";
import type { Run } from "../nn/run";
import { addTrailing } from "../ops/arithmetic";
import { weighValues } from "../ops/attention-products";
import { headOf, headOutputs, withHead } from "../ops/heads";
import { matmul } from "../ops/matmul";
import { full } from "../ops/random";
import { reshape } from "../ops/view";
import type { Tensor } from "../tensor/tensor";
import type { Mixed } from "./scorer";

/** Whether somebody listens to the weights of any head. */
export function wantsWeights(run: Run, heads: number): boolean {
  return run.wants("weights") || run.wantedParts("weights", heads).length > 0;
}

/** Shows weights [B, H, T, S], and those of single heads [B, T, S], and returns them or what takes their place. */
export function tapWeights(run: Run, weights: Tensor): Tensor {
  const shown = run.tap("weights", weights);
  return run.wantedParts("weights", shown.shape[1]!).reduce((all, head) => {
    const own = headOf(all, head);
    const instead = run.tap(`weights.${head}`, own);
    return instead === own ? all : withHead(all, head, instead);
  }, shown);
}

/** The same under fused attention, which makes again only the weights that are asked for. A replacement costs the composed product. */
export function tapFused(run: Run, heads: number, result: Mixed, values: Tensor): Tensor {
  if (run.wants("weights")) {
    const weights = result.weights();
    const shown = tapWeights(run, weights);
    return shown === weights ? result.mixed : weighValues(shown, values);
  }
  let changed: Tensor | undefined;
  for (const head of run.wantedParts("weights", heads)) {
    const own = result.weights(head);
    const instead = run.tap(`weights.${head}`, own);
    if (instead !== own) changed = withHead(changed ?? result.weights(), head, instead);
  }
  return changed ? weighValues(changed, values) : result.mixed;
}

/** The output [B, T, C] of mixed values [B, T, H, D]; what each head adds to it, `heads` [B, T, H, C], is made where somebody asks. */
export function outputOf(run: Run, mixed: Tensor, output: Linear): Tensor {
  const [B, T, H, D] = mixed.shape as [number, number, number, number]; // made by the layer
  if (run.wants("heads")) {
    const heads = headOutputs(mixed, output.weight);
    const shown = run.tap("heads", heads);
    if (shown !== heads) {
      const C = shown.shape[3]!; // as it was
      const sum = matmul(full([B * T, 1, H], 1), reshape(shown, [B * T, H, C]));
      const y = reshape(sum, [B, T, C]);
      return output.bias ? addTrailing(y, output.bias) : y;
    }
  }
  return output.apply(reshape(mixed, [B, T, H * D]));
}
