// Score terms of fused attention for tests: sizes, and values of each that some combination may have or not.

import type { AttentionOptions } from "../../src/ops/attention-terms";
import { ids, type Tensor, tensor } from "../../src/tensor/tensor";
import { noise } from "../assembly/battery";
import { pairwise } from "../attention/pairwise";
import type { Terms } from "../reference/ops";

interface Size {
  readonly B: number;
  readonly T: number;
  readonly S: number;
  readonly H: number;
  readonly G: number;
  readonly D: number;
}

export interface TermCase extends Size, Terms {
  readonly what: string;
  readonly causal: boolean;
  /** Columns of the bias table, where there is one. */
  readonly R?: number | undefined;
}

const choices = {
  size: [
    { B: 2, T: 5, S: 5, H: 2, G: 2, D: 4 },
    { B: 2, T: 4, S: 9, H: 4, G: 2, D: 3 },
    { B: 2, T: 6, S: 3, H: 2, G: 1, D: 5 },
    { B: 2, T: 2, S: 11, H: 3, G: 1, D: 4 },
    { B: 2, T: 19, S: 19, H: 1, G: 1, D: 2 },
  ],
  sight: [
    { causal: false },
    { causal: true },
    { causal: true, before: 2 },
    { causal: false, before: 3, after: 1 },
    { causal: false, before: 0 },
  ],
  rowScale: [undefined, "per row", "per item and row"],
  bias: [undefined, "all distances", "clipped"],
  keyLengths: [undefined, "right padding", "an empty item"],
  keyMask: [undefined, "some", "an item without keys"],
} as const;

/** Every pair of two values. */
export const termCases: readonly TermCase[] = pairwise(choices).map((choice) => {
  const { size, sight, rowScale, bias, keyLengths, keyMask } = choice;
  const { B, T, S } = size;
  const mask = noise(B * S, 3, 0, 1).map((x, i) => (keyMask === "some" ? (x < 0.7 ? 1 : 0) : i < S ? 1 : 0));
  const { size: _, ...rest } = choice;
  return {
    what: `${T} x ${S}, ${JSON.stringify(rest)}`,
    ...size,
    ...sight,
    rowScale: rowScale && noise(rowScale === "per row" ? T : B * T, 4, 0, 1.5),
    R: bias && (bias === "clipped" ? 5 : T + S - 1),
    zero: bias && (bias === "clipped" ? 2 : S - 1),
    keyLengths: keyLengths && (keyLengths === "right padding" ? [S, S - 1] : [0, S]),
    keyMask: keyMask && mask,
  };
});

/** The case's options with `table` as the bias, if it has one. */
export function optionsOf(terms: TermCase, scale: number, table: Tensor | undefined): AttentionOptions {
  const { B, T, S, causal, rowScale, zero = 0, keyLengths, keyMask, before, after } = terms;
  return {
    scale,
    causal,
    rowScale: rowScale && tensor(rowScale, rowScale.length > T ? [B, T] : [T]),
    bias: table && { table, zero },
    keyLengths: keyLengths && ids(keyLengths),
    keyMask: keyMask && tensor(keyMask, [B, S]),
    window: { ...(before !== undefined && { before }), ...(after !== undefined && { after }) },
  };
}
