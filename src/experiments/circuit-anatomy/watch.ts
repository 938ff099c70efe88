// One sequence as a model reads it: patterns, values and mixed values of all heads.
import type { FrozenPatterns } from "../../analysis/paths";
import { attentionPatterns, probe } from "../../analysis/probe";
import type { AttentionOnly } from "../../models/attention-only";

export interface Watched {
  readonly tokens: ArrayLike<number>;
  readonly patterns: FrozenPatterns;
  /** Of each layer, [T, H, D]: what heads move, before and after they mixed it. */
  readonly values: readonly Float32Array[];
  readonly mixed: readonly Float32Array[];
  /** [T, V] */
  readonly logits: Float32Array;
}

export function watch(model: AttentionOnly, tokens: ArrayLike<number>): Watched {
  const found = probe(model, tokens, ["blocks.*.attention.value", "blocks.*.attention.mixed", "logits"]);
  const byLayer = (name: string) =>
    Array.from(
      { length: model.config.layers },
      (_, layer) => found[`blocks.${layer}.attention.${name}`]!.data,
    );
  return {
    tokens,
    patterns: frozenPatterns(model, tokens),
    values: byLayer("value"),
    mixed: byLayer("mixed"),
    logits: found.logits!.data, // it was asked for
  };
}

export function frozenPatterns(model: AttentionOnly, tokens: ArrayLike<number>): FrozenPatterns {
  const all = attentionPatterns(model, tokens);
  return Array.from({ length: model.config.layers }, (_, layer) =>
    all.filter((pattern) => pattern.layer === layer).map(({ weights }) => weights),
  );
}

/** One head's part of [T, H, D], at a position: [D]. */
export function part(all: Float32Array, at: number, head: number, { heads, width }: AttentionOnly["config"]) {
  const D = width / heads;
  const start = (at * heads + head) * D;
  return all.subarray(start, start + D);
}
