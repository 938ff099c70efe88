// The gradient of attention for one tile of sources: all queries pass by, block by block.
import { accumulate_panel, LANES, score_panel } from "./attention_panel";
import { exp_panel } from "./attention_softmax";
import { add_bias_grad, add_terms, end_source, first_source, Terms } from "./attention_terms";
import { pack_rows, padded_columns, padded_rows, store_transposed } from "./sgemm_pack";
import { sgemm_ukernel_4x8 } from "./sgemm_ukernel";

/** Sources of a tile; their packed keys and values and the sums of dK and dV stay in the L2 cache. A multiple of 4. */
export const TILE: i32 = 64;
/** Queries whose weights are gathered before they are multiplied into the sums. A multiple of LANES. */
export const BLOCK: i32 = 64;

/** Floats of workspace of a tile. */
export function tile_floats(dim: i32): i32 {
  return TILE * (2 * dim + padded_rows(dim) + 2 * padded_columns(dim) + 2 * LANES + 2 * BLOCK) + 16;
}

/**
 * dk, dv, k, v: row j of one head. queries, douts: panels of 8 queries [dim][8]; query_rows, dout_rows: blocks of BLOCK queries
 * in panels [rows][8] over dim; queries and query_rows hold scale * Q. sums, deltas: one float per query.
 * dqueries += dS K / scale as panels [dim][8]; dk and dv as attention_grad says.
 */
export function attention_grad_tile(
  dk: usize,
  dv: usize,
  dqueries: usize,
  k: usize,
  v: usize,
  queries: usize,
  douts: usize,
  query_rows: usize,
  dout_rows: usize,
  sums: usize,
  deltas: usize,
  work: usize,
  terms: Terms,
  j: i32,
  tokens: i32,
  dim: i32,
  k_ts: i32,
): void {
  const run = min(terms.limit - j, TILE);
  const height = padded_rows(dim);
  const width = padded_columns(dim);
  const keys = work;
  const values = keys + ((<usize>(TILE * dim)) << 2);
  const key_columns = values + ((<usize>(TILE * dim)) << 2);
  const dkeys = key_columns + ((<usize>(TILE * height)) << 2);
  const dvalues = dkeys + ((<usize>(TILE * width)) << 2);
  const scores = dvalues + ((<usize>(TILE * width)) << 2);
  const dscores = scores + ((<usize>(TILE * LANES)) << 2);
  const weight_rows = dscores + ((<usize>(TILE * LANES)) << 2);
  const dscore_rows = weight_rows + ((<usize>(TILE * BLOCK)) << 2);
  const ones = dscore_rows + ((<usize>(TILE * BLOCK)) << 2);
  v128.store(ones, f32x4.splat(1));
  v128.store(ones, f32x4.splat(1), 16);
  pack_rows(keys, k, run, dim, k_ts, 1, 1);
  pack_rows(values, v, run, dim, k_ts, 1, 1);
  pack_rows(key_columns, k, dim, run, 1, k_ts, 1);
  memory.fill(dkeys, 0, (<usize>(2 * TILE * width)) << 2);

  // Query i stands at source i + offset and sees those from first to last.
  const first = terms.offset - terms.before - j;
  const last = terms.offset + terms.after - j;
  const begin = max(0, -last) & -BLOCK;
  const stop = min(tokens, run - first);
  for (let i = begin; i < stop; i += BLOCK) {
    const end = min(tokens - i, BLOCK);
    for (let p = 0; p < end; p += LANES) {
      const from = max(0, first_source(terms, i + p) - j) & ~3;
      const visible = min(run, end_source(terms, i + p + LANES - 1) - j) - from;
      if (visible <= 0) continue;
      const rows = padded_rows(visible);
      const panel = (<usize>((i + p) * dim)) << 2;
      score_panel(scores, keys + ((<usize>(from * dim)) << 2), queries + panel, rows, dim);
      score_panel(dscores, values + ((<usize>(from * dim)) << 2), douts + panel, rows, dim);
      add_terms(scores, terms, i + p, j + from, rows);
      const lane = (<usize>(i + p)) << 2;
      exp_panel(scores, sums + lane, ones + 32, rows);
      const column = (<usize>(from * BLOCK + p * 4)) << 2;
      differentiate_panel(dscores, weight_rows + column, dscore_rows + column, scores, deltas + lane, rows);
      if (terms.dbias) add_bias_grad(terms.dbias, dscores, terms, i + p, j + from, visible);
      const to = dqueries + ((<usize>((i + p) * height)) << 2);
      accumulate_panel(to, key_columns + ((<usize>from) << 4), dscores, height, visible, run, ones);
    }
    for (let r = 0; r < run; r += 4) {
      // The panels before `start` see no source as late as rows r .. r + 3, those from `seen` on none as early.
      const start = max(0, (r - last - i) & -LANES);
      const seen = min(end, padded_columns(max(0, r + 4 - first - i)));
      if (start >= seen) continue;
      const from = (<usize>(r * BLOCK + start * 4)) << 2;
      const to = (<usize>(r * width)) << 2;
      const right = (<usize>(i * width + start * 8)) << 2;
      accumulate_rows(dvalues + to, weight_rows + from, dout_rows + right, width, seen - start, end, ones);
      accumulate_rows(dkeys + to, dscore_rows + from, query_rows + right, width, seen - start, end, ones);
    }
  }
  add_rows(dk, k_ts, dkeys, run, dim, width);
  add_rows(dv, k_ts, dvalues, run, dim, width);
}

/** dscores becomes P * (dscores - delta), P: weights; both also go out with rows and lanes swapped, as [BLOCK][4] per 4 rows. */
function differentiate_panel(
  dscores: usize,
  weight_rows: usize,
  dscore_rows: usize,
  weights: usize,
  deltas: usize,
  rows: i32,
): void {
  for (let r = 0; r < rows; r += 4) {
    for (let lane: usize = 0; lane < 32; lane += 16) {
      const delta = v128.load(deltas + lane);
      const w0 = v128.load(weights + lane);
      const w1 = v128.load(weights + lane, 32);
      const w2 = v128.load(weights + lane, 64);
      const w3 = v128.load(weights + lane, 96);
      store_transposed(weight_rows + (lane << 2), 16, w0, w1, w2, w3);
      const d0 = f32x4.mul(w0, f32x4.sub(v128.load(dscores + lane), delta));
      const d1 = f32x4.mul(w1, f32x4.sub(v128.load(dscores + lane, 32), delta));
      const d2 = f32x4.mul(w2, f32x4.sub(v128.load(dscores + lane, 64), delta));
      const d3 = f32x4.mul(w3, f32x4.sub(v128.load(dscores + lane, 96), delta));
      v128.store(dscores + lane, d0);
      v128.store(dscores + lane, d1, 32);
      v128.store(dscores + lane, d2, 64);
      v128.store(dscores + lane, d3, 96);
      store_transposed(dscore_rows + (lane << 2), 16, d0, d1, d2, d3);
    }
    weights += 128;
    dscores += 128;
    weight_rows += (<usize>BLOCK) << 4;
    dscore_rows += (<usize>BLOCK) << 4;
  }
}

/** to [4, width] += A B over `count` queries; a: [queries][4], b: panels [depth][8]. */
function accumulate_rows(
  to: usize,
  a: usize,
  b: usize,
  width: i32,
  count: i32,
  depth: i32,
  ones: usize,
): void {
  for (let d = 0; d < width; d += 8) {
    sgemm_ukernel_4x8(to + ((<usize>d) << 2), (<usize>width) << 2, a, b, 32, count, ones);
    b += (<usize>depth) << 5;
  }
}

/** to[j][d] += from[j][d]; rows of `from` are width apart and padded. */
function add_rows(to: usize, to_rs: i32, from: usize, rows: i32, dim: i32, width: i32): void {
  for (let j = 0; j < rows; j++) {
    let d = 0;
    for (; d + 4 <= dim; d += 4) {
      const at = (<usize>d) << 2;
      v128.store(to + at, f32x4.add(v128.load(to + at), v128.load(from + at)));
    }
    for (; d < dim; d++) {
      const at = (<usize>d) << 2;
      store<f32>(to + at, load<f32>(to + at) + load<f32>(from + at));
    }
    to += (<usize>to_rs) << 2;
    from += (<usize>width) << 2;
  }
}
