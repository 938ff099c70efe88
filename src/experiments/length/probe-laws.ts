// Rows of equal scores, whose sums are known: where a normaliser or a factor counts tokens, and where softmax cannot.

import type { MaskName } from "../../attention/mask";
import type { NormalizerName } from "../../attention/normalizer";
import { completeOptions } from "../../attention/options";
import type { Position } from "../../attention/position/position";
import { Weigher } from "../../attention/weigher";
import { Run } from "../../nn/run";
import { full } from "../../ops/random";
import { scope, tensor } from "../../tensor/tensor";

export type ProbeLaws = {
  /** Largest relative distances of row sums of 128 equal scores: l2 from the root of what a row sees, softmax times a step from i / n. */
  readonly l2Both: number;
  readonly l2Causal: number;
  readonly counting: number;
  /** Of causal softmax on a first token of its own, from 1 / i. */
  readonly first: number;
};

const N = 128;

export function probeLaws(): ProbeLaws {
  // The factor of a distance: 1 to tokens before and to itself, 0 to later ones.
  const step: Position = {
    factor: (distances) =>
      tensor(
        Float32Array.from(distances, (d) => (d >= 0 ? 1 : 0)),
        [1, distances.length],
      ),
  };
  const away = (found: readonly number[], wanted: (i: number) => number) =>
    Math.max(...found.map((value, i) => Math.abs(value / wanted(i) - 1)));
  return scope(() => ({
    l2Both: away(sums(weights("l2", "bidirectional")), () => Math.sqrt(N)),
    l2Causal: away(sums(weights("l2", "causal")), (i) => Math.sqrt(i + 1)),
    counting: away(sums(weights("softmax", "bidirectional", step)), (i) => (i + 1) / N),
    first: away(
      weights("softmax", "causal").map((row) => row[0]!),
      (i) => 1 / (i + 1),
    ),
  }));
}

/** Of equal scores, through the layer's own weigher: [N][N]. */
function weights(normalizer: NormalizerName, mask: MaskName, position: Position = {}): number[][] {
  const weigher = new Weigher({
    ...{ scale: "one", mask, normalizer, layer: 0, heads: 1, headWidth: 1, context: N },
    options: completeOptions("position-probe", {}),
  });
  const all = weigher.weights(full([1, 1, N, N], 0), {
    ...{ run: new Run(), position, batch: 1, tokens: N, sources: N },
    places: { at: Float64Array.from({ length: N }, (_, i) => i), gap: 1 },
  });
  const values = Array.from(all.values());
  return Array.from({ length: N }, (_, i) => values.slice(i * N, (i + 1) * N));
}

function sums(rows: readonly (readonly number[])[]): number[] {
  return rows.map((row) => row.reduce((sum, value) => sum + value, 0));
}
