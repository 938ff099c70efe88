// Looks at a model while it reads: copies of what stands at the places that are named. Nothing else is kept, and nothing changes.
import type { Batch } from "../data/batches";
import type { LanguageModel } from "../models/model";
import { meantBy, type Tap, type Taps } from "../nn/taps";
import type { Shape } from "../tensor/shape";
import { ids, scope, type Tensor } from "../tensor/tensor";

/** Token ids: one sequence, several of one length, or a batch. */
export type Sequences =
  | ArrayLike<number>
  | readonly ArrayLike<number>[]
  | Pick<Batch, "inputs" | "batch" | "context">;

/** A copy of what stood somewhere. */
export interface Probed {
  readonly shape: Shape;
  readonly data: Float32Array;
}

/**
 * What stands at places of the model while it reads `tokens`, by exact path: `blocks.0.attention.weights`. Memory and time are spent on
 * what is named, and the model's own tensors are released.
 *
 * @param names exact, globs, or the field's own (`tapAliases`); `model.tapPaths` is everything
 * @param taps what else is done in the run: something silenced, held or put in place of something
 * @throws Error for no tokens, sequences of different lengths, and names that mean nothing
 */
export function probe(
  model: LanguageModel,
  tokens: Sequences,
  names: string | readonly string[],
  taps: Taps = {},
): Record<string, Probed> {
  const found: Record<string, Probed> = {};
  const keep: Tap = (x, path) => {
    found[path] = { shape: x.shape, data: x.values() };
  };
  const paths = [names].flat().flatMap((name) => meantBy(name, model.tapPaths));
  const listeners = Object.fromEntries(paths.map((path) => [path, keep]));
  scope(() => void model.logits(sequenceIds(tokens), { taps: joinTaps(taps, listeners) }));
  return found;
}

/** All taps of both; where both have a name, the second sees what the first made of it. */
export function joinTaps(first: Taps, second: Taps): Taps {
  const both = Object.keys(first).filter((name) => Object.hasOwn(second, name));
  const inTurn = both.map((name): [string, Tap] => [
    name,
    (x, path) => {
      const shown = shownBy(first[name]!, x, path); // its own key
      return shownBy(second[name]!, shown, path);
    },
  ]);
  return { ...first, ...second, ...Object.fromEntries(inTurn) };
}

/** Ids [B, T]. Throws an Error for no tokens, and for sequences of different lengths. */
export function sequenceIds(tokens: Sequences): Tensor {
  if ("inputs" in tokens) return ids(tokens.inputs, [tokens.batch, tokens.context]);
  const all = isMany(tokens) ? tokens : [tokens];
  const T = all[0]?.length ?? 0;
  if (T === 0) throw new Error("probe: at least one token is needed, got none");
  const other = all.find(({ length }) => length !== T);
  if (other)
    throw new Error(`probe: sequences must have one length, got ${T} and ${other.length}; pad or cut them`);
  return ids(
    all.flatMap((sequence) => Array.from(sequence)),
    [all.length, T],
  );
}

function isMany(
  tokens: ArrayLike<number> | readonly ArrayLike<number>[],
): tokens is readonly ArrayLike<number>[] {
  return typeof tokens[0] === "object";
}

export interface AttentionPattern {
  readonly layer: number;
  readonly head: number;
  /** [T, T] in row-major order: row i is what token i attends to. */
  readonly weights: Float32Array;
}

/**
 * The attention weights of every head of every layer while the model reads one sequence, layer by layer; none of models that have no
 * weights.
 *
 * @param tokens at least one id, at most the model's context
 */
export function attentionPatterns(model: LanguageModel, tokens: ArrayLike<number>): AttentionPattern[] {
  if (tokens.length === 0) throw new Error("attentionPatterns: at least one token is needed, got none");
  const T = tokens.length;
  const paths = model.tapPaths.filter((path) => /^blocks\.\d+\.attention\.weights$/.test(path));
  return Object.entries(probe(model, tokens, paths)).flatMap(([path, { shape, data }]) => {
    const layer = Number(path.split(".")[1]);
    return Array.from({ length: shape[1]! }, (_, head) => ({
      ...{ layer, head },
      weights: data.slice(head * T * T, (head + 1) * T * T), // [1, H, T, T]
    }));
  });
}

function shownBy(tap: Taps[string], x: Tensor, path: string): Tensor {
  return (typeof tap === "function" ? tap(x, path) : tap) ?? x;
}
