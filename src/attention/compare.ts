// Queries against keys, with positions, smearing and the cached past worked in: what every variant with keys does.
import { parameter } from "../nn/module";
import { add } from "../ops/arithmetic";
import { queryKey } from "../ops/attention-products";
import { multiplyTrailing } from "../ops/broadcast";
import { full } from "../ops/random";
import { smear } from "../ops/smear";
import { type Tensor, tensor } from "../tensor/tensor";
import { RowCache } from "./cache";
import type { Options } from "./options";
import { distances } from "./position/places";
import type { Band } from "./position/position";
import type { ScoreContext } from "./scorer";

interface Compared {
  readonly q: Tensor; // [B, T, H, D]
  /** [B, >=sources, G, D], the past ones first. */
  readonly k: Tensor;
  readonly sources: number;
}

/**
 * What the sigmoid is taken of, [G], for the share of its own key that a token keeps of smeared ones (Olsson et al. 2022,
 * arXiv:2209.11895): half at first. Nothing where keys are not smeared.
 */
export function keyShares({ smear }: Options, keyHeads: number): Tensor | undefined {
  return smear === "yes" ? parameter(full([keyHeads], 0)) : undefined;
}

/**
 * Raw queries [B, T, H, D] and keys [B, T, G, D] as fused attention takes them. Not for positions with bands.
 * @param shares of smeared keys: each is mixed with the one before after both have got their positions
 */
export function placed(q: Tensor, k: Tensor, context: ScoreContext, shares?: Tensor): Compared {
  const { run, position, places, past } = context;
  const cache = cacheOf(context);
  const sources = places.at.length;
  const at = places.at.subarray(past);
  const queries = run.tap("query", q);
  const fresh = run.tap("key", k);
  const keys = position.rotate?.(fresh, at) ?? fresh;
  cache?.append(keys);
  const all = cache?.rows ?? keys;
  return {
    q: position.rotate?.(queries, at) ?? queries,
    k: shares ? smear(all, shares, sources) : all,
    sources,
  };
}

/** Logits [B, H, T, S]: scale times the products of raw queries [B, T, H, D] and keys [B, T, G, D], smeared where there are shares. */
export function compare(q: Tensor, k: Tensor, scale: number, context: ScoreContext, shares?: Tensor): Tensor {
  const { bands } = context.position;
  if (bands) return compareInBands(q, k, scale, context, bands);
  const compared = placed(q, k, context, shares);
  return queryKey(compared.q, compared.k, scale, compared.sources);
}

function compareInBands(
  q: Tensor,
  k: Tensor,
  scale: number,
  context: ScoreContext,
  bands: readonly Band[],
): Tensor {
  const { run, places, past } = context;
  const cache = cacheOf(context);
  const queries = run.tap("query", q);
  const fresh = run.tap("key", k);
  cache?.append(fresh);
  const keys = cache?.copy() ?? fresh;
  const tokens = places.at.length - past;
  const { values, index } = distances(places, tokens);
  const parts = bands.map((band) => {
    const covered = Float32Array.from(index, (r) => (band.covers(values[r]!) ? 1 : 0));
    const logits = queryKey(band.query(queries, places.at.subarray(past)), band.key(keys, places.at), scale);
    return multiplyTrailing(logits, tensor(covered, [tokens, places.at.length], "band"));
  });
  return parts.reduce(add);
}

function cacheOf({ state }: ScoreContext): RowCache | undefined {
  if (state === undefined || state instanceof RowCache) return state;
  throw new Error("attention: the state must be the one that this variant made, got another");
}
