// Activation patching (Vig et al. 2020, arXiv:2004.12265; Meng et al. 2022, arXiv:2202.05262): a run over corrupted tokens gets one activation of a
// clean run at a time, and what brings the clean answer back is where the difference is made.
import type { LanguageModel } from "../models/model";
import { meantBy, type Tap } from "../nn/taps";
import type { Shape } from "../tensor/shape";
import { scope, type Tensor, tensor } from "../tensor/tensor";
import type { Metric } from "./metrics";
import { type Probed, type Sequences, sequenceIds } from "./probe";

export interface PatchPlan {
  /** What is patched: paths, globs or the field's names, as `probe` takes them. */
  readonly at: string | readonly string[];
  /** Into which pieces each is cut, patched one at a time; whole without any. */
  readonly by?: readonly ("position" | "head")[];
}

export interface Patch {
  readonly path: string;
  readonly position?: number;
  readonly head?: number;
  /** The metric of the corrupted run with this piece of the clean one. */
  readonly value: number;
}

export interface Patching {
  /** The metric of the runs as they are. */
  readonly clean: number;
  readonly corrupted: number;
  readonly patches: readonly Patch[];
}

/**
 * Runs over the corrupted tokens, once for each piece of each place. Position of weights and logits of attention is that of the query.
 *
 * @throws Error where the runs have different lengths, where a name means nothing, and where a place has no heads to be cut into
 */
export function patchActivations(
  model: LanguageModel,
  runs: { readonly clean: Sequences; readonly corrupted: Sequences },
  metric: Metric,
  { at, by = [] }: PatchPlan,
): Patching {
  const paths = [at].flat().flatMap((name) => meantBy(name, model.tapPaths));
  return scope(() => {
    const [clean, corrupted] = [sequenceIds(runs.clean), sequenceIds(runs.corrupted)];
    if (String(clean.shape) !== String(corrupted.shape))
      throw new Error(
        `patchActivations: both runs must have the same length, got ${clean.shape.join(" x ")} and ${corrupted.shape.join(" x ")} tokens`,
      );
    const kept: Record<string, Probed> = {};
    const keep: Tap = (x, path) => {
      kept[path] = { shape: x.shape, data: x.values() };
    };
    const measure = (tokens: Tensor, taps: Readonly<Record<string, Tap>> = {}) =>
      scope(() => metric(model.logits(tokens, { taps })).item());
    const value = measure(clean, Object.fromEntries(paths.map((path) => [path, keep])));
    const patches = paths.flatMap((path) => {
      const { data, shape } = kept[path]!; // shown in the clean run
      return pieces(path, shape, by).map(({ holds, ...piece }): Patch => {
        const patched: Tap = (x) =>
          tensor(
            x.values().map((own, i) => (holds(i) ? data[i]! : own)),
            shape,
          );
        return { path, ...piece, value: measure(corrupted, { [path]: patched }) };
      });
    });
    return { clean: value, corrupted: measure(corrupted), patches };
  });
}

/** How much of the difference between the runs a value makes up for: 0 is the corrupted run, 1 the clean one. */
export function recovered({ clean, corrupted }: Patching, value: number): number {
  return (value - corrupted) / (clean - corrupted);
}

interface Piece {
  readonly position?: number;
  readonly head?: number;
  /** Whether an element is in it. */
  readonly holds: (index: number) => boolean;
}

function pieces(path: string, shape: Shape, by: readonly ("position" | "head")[]): Piece[] {
  const axes = axesOf(path, shape);
  return by.reduce<Piece[]>(
    (some, kind) => {
      const axis = axes[kind];
      if (axis === undefined)
        throw new Error(`patchActivations: ${path} [${shape.join(",")}] has no ${kind} to be cut by`);
      const stride = shape.slice(axis + 1).reduce((product, dim) => product * dim, 1);
      const count = shape[axis]!;
      return some.flatMap((piece) =>
        Array.from({ length: count }, (_, at) => ({
          ...piece,
          [kind]: at,
          holds: (i: number) => piece.holds(i) && Math.floor(i / stride) % count === at,
        })),
      );
    },
    [{ holds: () => true }],
  );
}

/** Which axis of what stands at a path counts tokens, and which heads. */
function axesOf(path: string, shape: Shape): { readonly position?: number; readonly head?: number } {
  if (/attention\.(weights|logits)$/.test(path)) return { head: 1, position: 2 }; // [B, H, T, S]
  return shape.length === 4 ? { position: 1, head: 2 } : { position: 1 };
}
