// Taps: who listens to which place of a model, or puts something there. Places are dotted paths; they may be named exactly, by a glob
// in which `*` stands for anything between two dots, or as the field's other tools call them.
import { sameShape, show } from "../tensor/shape";
import { Tensor } from "../tensor/tensor";

/** Sees the tensor of that name; what it returns, if anything, takes its place. */
// biome-ignore lint/suspicious/noConfusingVoidType: a listener that returns nothing is the common case
export type Tap = (x: Tensor, name: string) => Tensor | undefined | void;

/**
 * Taps by name: `blocks.0.attention.weights`, `blocks.*.attention.weights.3`, `blocks.0.attn.hook_pattern`. A tensor takes the place of
 * what is there. Nothing is computed or kept for a name that is not here.
 */
export type Taps = Readonly<Record<string, Tap | Tensor>>;

/** What TransformerLens calls them after `hook_`, and where that is; the block that is meant stands for the star, all if none is named. */
export const tapAliases = {
  embed: "token",
  resid_pre: "blocks.*.input",
  resid_mid: "blocks.*.middle",
  resid_post: "blocks.*.output",
  attn_out: "blocks.*.attention.output",
  mlp_out: "blocks.*.mlp.output",
  q_input: "blocks.*.attention.query-input",
  k_input: "blocks.*.attention.key-input",
  v_input: "blocks.*.attention.value-input",
  q: "blocks.*.attention.scores.query",
  k: "blocks.*.attention.scores.key",
  v: "blocks.*.attention.value",
  attn_scores: "blocks.*.attention.logits",
  pattern: "blocks.*.attention.weights",
  z: "blocks.*.attention.mixed",
  result: "blocks.*.attention.heads",
} as const;

type Alias = keyof typeof tapAliases;

/** What listens, by exact path, in the order that it was given. */
export type Ears = ReadonlyMap<string, readonly (Tap | Tensor)[]>;

/** Taps by the paths that they stand under, taken as exact. */
export function exactTaps(taps: Taps): Ears {
  return new Map(Object.entries(taps).map(([path, tap]) => [path, [tap]]));
}

/**
 * Taps by all paths that their names mean.
 * @throws Error for a name that means none of the paths, with those that are nearest
 */
export function resolveTaps(taps: Taps, paths: readonly string[]): Ears {
  const ears = new Map<string, (Tap | Tensor)[]>();
  for (const [name, tap] of Object.entries(taps)) {
    for (const path of meantBy(name, paths)) ears.set(path, [...(ears.get(path) ?? []), tap]);
  }
  return ears;
}

/**
 * The paths that a name means: itself, those that match a glob, or what an alias stands for.
 * @throws Error where there is none
 */
export function meantBy(name: string, paths: readonly string[]): string[] {
  const pattern = canonical(name);
  const glob = new RegExp(`^${pattern.split("*").map(escaped).join("[^.]*")}$`);
  const found = paths.filter((path) => glob.test(path));
  if (found.length > 0) return found;
  const near = nearest(pattern, paths);
  throw new Error(
    `taps: a name must be of a place in the model, got "${name}"; ${near.length > 0 ? `near it are ${near.join(", ")}` : "there are none"}`,
  );
}

/** What shows in place of x at a path. */
export function replaced(path: string, x: Tensor, tap: Tap | Tensor): Tensor {
  const y = tap instanceof Tensor ? tap : tap(x, path);
  if (!y) return x;
  expectReplacement(path, x.shape, y);
  return y;
}

/** @throws Error for a replacement of another shape or type */
export function expectReplacement(path: string, shape: readonly number[], y: Tensor): void {
  if (!sameShape(shape, y.shape) || y.dtype !== "f32") {
    throw new Error(
      `taps: what takes the place of ${path} must be f32 ${show(shape)}, got ${y.dtype} ${show(y.shape)}`,
    );
  }
}

/** `hook_pattern`, `blocks.0.attn.hook_pattern`, `blocks.0.pattern.2`: the path or glob that is meant; other names are themselves. */
function canonical(name: string): string {
  const [, block = "*", word = "", part = ""] =
    /^(?:blocks\.([^.]+)\.)?(?:(?:attn|attention)\.)?(?:hook_)?([a-z_]+)(\.[^.]+)?$/.exec(name) ?? [];
  return isAlias(word) ? tapAliases[word].replace("*", block) + part : name;
}

function isAlias(word: string): word is Alias {
  return Object.hasOwn(tapAliases, word);
}

function escaped(text: string): string {
  return text.replace(/[\\^$.|?+()[\]{}]/g, "\\$&");
}

const MOST_NEAR = 3;

/** By the share of neighbouring letters that both have (Dice 1945). */
function nearest(name: string, paths: readonly string[]): string[] {
  const pairs = (text: string) => new Set(Array.from(text).map((letter, i) => letter + (text[i + 1] ?? ".")));
  const wanted = pairs(name);
  const likeness = (path: string) => {
    const own = pairs(path);
    return (2 * [...wanted].filter((pair) => own.has(pair)).length) / (wanted.size + own.size);
  };
  return paths
    .map((path) => ({ path, like: likeness(path) }))
    .sort((a, b) => b.like - a.like)
    .slice(0, MOST_NEAR)
    .map(({ path }) => path);
}
