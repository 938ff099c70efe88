// Cuts of fused attention: over the batch, over key/value heads with the query heads that read them, and, forward only, over query
// heads and blocks of queries. A gradient sums over queries and over the query heads of a key/value head, in an order that must stay.
import type { Arguments } from "./cuts";
import { FLOPS_PER_NS, pieces, type Range, ranges } from "./pieces";

/** Queries that the kernel takes together: blocks begin at the same queries in every share as in the whole. */
const BLOCK = 64;
/** Flops per pair of tokens and channel: two products forward, five in the gradient. */
const FORWARD = 4;
const GRADIENT = 10;

/** What of the batch, of the query heads and of the queries a share does. */
interface Part {
  readonly batch: Range;
  readonly heads: Range;
  readonly queries: Range;
}

export function cutAttention(args: Arguments<"sattention">, threads: number): Arguments<"sattention">[] {
  const [, , , , , , B, H, G, T, S, D, , , , , , , , before, after, , , bias] = args;
  const causal = after === 0;
  const wanted = pieces(nanoseconds(FORWARD * B * H * T * S * D, causal), threads);
  if (wanted === 1 || H === 0) return [];
  const coarse = coarseParts(B, H, G, T, wanted);
  // Where the places of queries matter, only sources that end with the last query keep them in a share.
  const placed = before < T + S || after < T + S || bias !== 0;
  if (coarse.length >= wanted || (placed && !causal)) return coarse.map((part) => forwardShare(args, part));
  // Too few key heads: every query head alone, and its queries in blocks. The last block takes the queries behind it.
  const blocks = ranges(Math.max(1, Math.floor(T / BLOCK)), Math.ceil(wanted / (B * H)), 1);
  return ranges(B * H, B * H, 1).flatMap(({ from }) =>
    blocks.map((block, index) => {
      const first = block.from * BLOCK;
      const end = index === blocks.length - 1 ? T : first + block.count * BLOCK;
      return forwardShare(args, {
        batch: { from: Math.floor(from / H), count: 1 },
        heads: { from: from % H, count: 1 },
        queries: { from: first, count: end - first },
      });
    }),
  );
}

export function cutAttentionGrad(
  args: Arguments<"sattention_grad">,
  threads: number,
): Arguments<"sattention_grad">[] {
  const [, , , dbias, , , , , , , , B, H, G, T, S, D] = args;
  const [after, dbias_bs] = [args[25], args[33]];
  const wanted = pieces(nanoseconds(GRADIENT * B * H * T * S * D, after === 0), threads);
  // Where batch items share one gradient of the bias, they must come one after the other.
  const ordered = dbias !== 0 && dbias_bs === 0 && B > 1;
  if (wanted === 1 || H === 0 || ordered) return [];
  return coarseParts(B, H, G, T, wanted).map((part) => gradientShare(args, part));
}

function nanoseconds(flops: number, causal: boolean): number {
  return flops / (causal ? 2 : 1) / FLOPS_PER_NS;
}

/** Whole sequences where there are enough, else groups of heads of one sequence, as many of either as can be had. */
function coarseParts(B: number, H: number, G: number, T: number, wanted: number): Part[] {
  const queries = { from: 0, count: T };
  if (B >= wanted)
    return ranges(B, wanted, 1).map((batch) => ({ batch, heads: { from: 0, count: H }, queries }));
  const group = H / G;
  return ranges(B, B, 1).flatMap((batch) =>
    ranges(G, Math.ceil(wanted / B), 1).map(({ from, count }) => ({
      batch,
      heads: { from: from * group, count: count * group },
      queries,
    })),
  );
}

function forwardShare(
  [
    out,
    lse,
    q,
    k,
    v,
    work,
    ,
    H,
    G,
    T,
    S,
    D,
    q_bs,
    q_ts,
    q_hs,
    k_bs,
    k_ts,
    k_hs,
    scale,
    before,
    after,
    rowScales,
    rowScalesStep,
    bias,
    biasWidth,
    biasZero,
    keyCounts,
    keyMask,
    tall,
  ]: Arguments<"sattention">,
  { batch, heads, queries }: Part,
): Arguments<"sattention"> {
  const group = H / G;
  const query = 4 * (batch.from * q_bs + heads.from * q_hs + queries.from * q_ts);
  const source = 4 * (batch.from * k_bs + Math.floor(heads.from / group) * k_hs);
  const sums = 4 * ((batch.from * H + heads.from) * T + queries.from);
  // Query i stands S - T sources behind its own number: in a share that ends earlier, sources end earlier, too.
  const sources = after === 0 ? Math.max(0, S - T + queries.from + queries.count) : S;
  // biome-ignore format: arguments grouped by meaning
  return [
    out + query, lse + sums, q + query, k + source, v + source, work,
    batch.count, heads.count, Math.ceil(heads.count / group), queries.count, sources, D,
    q_bs, q_ts, q_hs, k_bs, k_ts, k_hs, scale, before, after,
    shifted(rowScales, batch.from * rowScalesStep + queries.from), rowScalesStep,
    shifted(bias, heads.from * biasWidth), biasWidth, biasZero,
    shifted(keyCounts, batch.from), shifted(keyMask, batch.from * S), tall,
  ];
}

/** A pointer so many elements on, where there is one. */
function shifted(ptr: number, elements: number): number {
  return ptr ? ptr + 4 * elements : 0;
}

function gradientShare(
  [
    dq,
    dk,
    dv,
    dbias,
    dout,
    out,
    lse,
    q,
    k,
    v,
    work,
    ,
    H,
    G,
    T,
    S,
    D,
    q_bs,
    q_ts,
    q_hs,
    k_bs,
    k_ts,
    k_hs,
    scale,
    before,
    after,
    rowScales,
    rowScalesStep,
    bias,
    biasWidth,
    biasZero,
    keyCounts,
    keyMask,
    dbiasStep,
  ]: Arguments<"sattention_grad">,
  { batch, heads }: Part,
): Arguments<"sattention_grad"> {
  const group = H / G;
  const query = 4 * (batch.from * q_bs + heads.from * q_hs);
  const source = 4 * (batch.from * k_bs + (heads.from / group) * k_hs);
  const sums = 4 * (batch.from * H + heads.from) * T;
  // biome-ignore format: arguments grouped by meaning
  return [
    dq + query, dk + source, dv + source, shifted(dbias, batch.from * dbiasStep + heads.from * biasWidth), dout + query, out + query, lse + sums,
    q + query, k + source, v + source, work, batch.count, heads.count, heads.count / group, T, S, D,
    q_bs, q_ts, q_hs, k_bs, k_ts, k_hs, scale, before, after,
    shifted(rowScales, batch.from * rowScalesStep), rowScalesStep,
    shifted(bias, heads.from * biasWidth), biasWidth, biasZero,
    shifted(keyCounts, batch.from), shifted(keyMask, batch.from * S), dbiasStep,
  ];
}
