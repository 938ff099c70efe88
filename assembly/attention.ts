// Scaled dot-product attention, forward: tiled online softmax, never a tokens x sources matrix.
import {
  accumulate_panel,
  LANES,
  mask_panel,
  score_panel,
  unpack_panel,
  visible_to_panel,
} from "./attention_panel";
import { attend_rows, exp_row, score_row, visible_sources } from "./attention_row";
import { exp_nonpositive, log } from "./math";
import { pack_columns, pack_rows, padded_rows } from "./sgemm_pack";
import { madd } from "./simd";

/** Sources of a tile: its weights for one panel of queries (2 KB) stay in the L1 cache between the two products. */
const TILE: i32 = 64;
/** Queries that run over a tile of keys and values while it is in the cache. */
const BLOCK: i32 = 64;
/** Fewer queries than this are not worth packing keys and values for. */
const FEW: i32 = 4;
/** Bytes of state per panel of queries: running maximum, sum and correction of 8 queries each. */
const STATE_BYTES: usize = 3 * 8 * 4;
const SUM: usize = 32;
const KEEP: usize = 64;

export function sattention_workspace_bytes(tokens: i32, sources: i32, dim: i32): i32 {
  if (tokens < FEW) return sources << 2;
  const packed = padded_rows(sources) * dim + sources * padded_rows(dim);
  const block = BLOCK * (dim + padded_rows(dim)) + TILE * LANES + 16;
  return (packed + block) * 4 + (BLOCK / LANES) * <i32>STATE_BYTES;
}

/**
 * out = softmax(scale Q K^T) V for every batch and head; lse [batch, heads, tokens] = log-sum-exp of the scaled logits.
 * q, out: [batch, tokens, heads, dim] by strides q_bs, q_ts, q_hs; k, v: [batch, sources, kv_heads, dim] by k_bs, k_ts, k_hs; the
 * elements of a row are adjacent. Head h reads key/value head h / (heads / kv_heads); heads must be a multiple of kv_heads.
 * causal: row i sees sources j <= i + (sources - tokens). A row that sees nothing gives zeros and lse = -inf. No aliasing.
 *
 * GFLOP/s of CPU time (4 dim per visible pair), measured as in sgemm.ts; T = tokens = sources:
 *                               8 heads of 64, T 512   the same, causal   12 x 4 heads of 32, T 64, causal   8 x one query, S 512
 *   register tile alone                         32.0               28.4                               31.8                   21.9
 *   row by row                                   2.9                3.4                                2.7                    1.4
 *   score panels of 8 queries                   19.4               17.1                               10.2                    2.2
 *   one query: four keys at a time              20.9               16.5                                9.7                    4.5
 *   the same, portable build                    15.3               12.5                                7.4                    4.0
 * Not told apart from these: tiles of 32 or 128 sources (17.9 and 20.1 in the first column), blocks of 32 or 128 queries.
 */
export function sattention(
  out: usize,
  lse: usize,
  q: usize,
  k: usize,
  v: usize,
  work: usize,
  batch: i32,
  heads: i32,
  kv_heads: i32,
  tokens: i32,
  sources: i32,
  dim: i32,
  q_bs: i32,
  q_ts: i32,
  q_hs: i32,
  k_bs: i32,
  k_ts: i32,
  k_hs: i32,
  scale: f32,
  causal: i32,
): void {
  const group = kv_heads ? heads / kv_heads : 0;
  const keys = work;
  const values = keys + ((<usize>(padded_rows(sources) * dim)) << 2);
  const rest = values + ((<usize>(sources * padded_rows(dim))) << 2);
  for (let b = 0; b < batch; b++) {
    for (let h = 0; h < heads; h++) {
      const query = (<usize>(b * q_bs + h * q_hs)) << 2;
      const source = (<usize>(b * k_bs + (h / group) * k_hs)) << 2;
      const sums = lse + ((<usize>((b * heads + h) * tokens)) << 2);
      if (tokens < FEW) {
        attend_rows(
          out + query,
          sums,
          q + query,
          k + source,
          v + source,
          work,
          tokens,
          sources,
          dim,
          q_ts,
          k_ts,
          scale,
          causal,
        );
        continue;
      }
      if (h % group === 0) {
        pack_rows(keys, k + source, sources, dim, k_ts, 1, 1);
        for (let j = 0; j < sources; j += TILE) {
          const to = values + ((<usize>(j * padded_rows(dim))) << 2);
          pack_rows(to, v + source + ((<usize>(j * k_ts)) << 2), dim, min(sources - j, TILE), 1, k_ts, 1);
        }
      }
      for (let i = 0; i < tokens; i += BLOCK) {
        const row = query + ((<usize>(i * q_ts)) << 2);
        const first = sums + ((<usize>i) << 2);
        attend_block(
          out + row,
          first,
          q + row,
          keys,
          values,
          rest,
          i,
          tokens,
          sources,
          dim,
          q_ts,
          scale,
          causal,
        );
      }
    }
  }
}

/** Queries i .. i + BLOCK - 1 of one head: for every tile of sources, every panel of 8 queries. */
function attend_block(
  out: usize,
  lse: usize,
  q: usize,
  keys: usize,
  values: usize,
  work: usize,
  i: i32,
  tokens: i32,
  sources: i32,
  dim: i32,
  q_ts: i32,
  scale: f32,
  causal: i32,
): void {
  const height = padded_rows(dim);
  const end = min(tokens - i, BLOCK);
  const queries = work;
  const sums = queries + ((<usize>(BLOCK * dim)) << 2);
  const scores = sums + ((<usize>(BLOCK * height)) << 2);
  const states = scores + ((<usize>(TILE * LANES)) << 2);
  const spare = states + <usize>(BLOCK / LANES) * STATE_BYTES;
  pack_columns(queries, q, dim, end, 1, q_ts, scale);
  memory.fill(sums, 0, (<usize>(BLOCK * height)) << 2);
  for (let p = 0; p < end; p += LANES) start_panel(states + <usize>(p / LANES) * STATE_BYTES);
  const visible_to_block = visible_to_panel(i + end - 1, tokens, sources, causal);
  for (let j = 0; j < visible_to_block; j += TILE) {
    const tile_keys = keys + ((<usize>(j * dim)) << 2);
    const tile_values = values + ((<usize>(j * height)) << 2);
    const run = min(sources - j, TILE);
    for (let p = 0; p < end; p += LANES) {
      const visible = min(run, visible_to_panel(i + p, tokens, sources, causal) - j);
      if (visible <= 0) continue;
      // Query i + p + l sees the rows of this tile up to row last + l.
      const last = causal ? i + p + sources - tokens - j : run;
      const state = states + <usize>(p / LANES) * STATE_BYTES;
      score_panel(scores, tile_keys, queries + ((<usize>(p * dim)) << 2), visible, dim);
      soften_panel(scores, state, visible, last);
      accumulate_panel(
        sums + ((<usize>(p * height)) << 2),
        tile_values,
        scores,
        height,
        visible,
        run,
        state + KEEP,
      );
    }
  }
  for (let p = 0; p < end; p += LANES) {
    const count = min(end - p, LANES);
    const state = states + <usize>(p / LANES) * STATE_BYTES;
    finish_panel(lse + ((<usize>p) << 2), state, count);
    const row = out + ((<usize>(p * q_ts)) << 2);
    unpack_panel(
      row,
      (<usize>q_ts) << 2,
      sums + ((<usize>(p * height)) << 2),
      count,
      dim,
      state + KEEP,
      0,
      spare,
    );
  }
}

function start_panel(state: usize): void {
  for (let lane: usize = 0; lane < 32; lane += 16) {
    v128.store(state + lane, f32x4.splat(-Infinity));
    v128.store(state + lane, f32x4.splat(0), SUM);
  }
}

/**
 * Scores become weights exp(score - maximum) in place, lanes masked in rows after last + lane; the state takes the new maximum,
 * and `keep` the factor for what was summed under the old one.
 */
function soften_panel(scores: usize, state: usize, rows: i32, last: i32): void {
  mask_panel(scores, rows, last);
  const end = scores + ((<usize>rows) << 5);
  for (let lane: usize = 0; lane < 32; lane += 16) {
    const old = v128.load(state + lane);
    let top = old;
    for (let row = scores + lane; row < end; row += 32) top = f32x4.pmax(top, v128.load(row));
    // A lane that has seen nothing yet has maximum -inf; -inf - 0 is what gives it zero weights.
    const base = v128.andnot(top, f32x4.eq(top, f32x4.splat(-Infinity)));
    let sum = f32x4.splat(0);
    for (let row = scores + lane; row < end; row += 32) {
      const weight = exp_nonpositive(f32x4.sub(v128.load(row), base));
      v128.store(row, weight);
      sum = f32x4.add(sum, weight);
    }
    const keep = exp_nonpositive(f32x4.sub(old, base));
    v128.store(state + lane, top);
    v128.store(state + lane, madd(keep, v128.load(state + lane, SUM), sum), SUM);
    v128.store(state + lane, keep, KEEP);
  }
}

/** lse = maximum + log sum for `count` queries; `keep` becomes 1 / sum, or 0 for queries that saw nothing. */
function finish_panel(lse: usize, state: usize, count: i32): void {
  for (let lane: usize = 0; lane < 32; lane += 16) {
    const sum = v128.load(state + lane, SUM);
    const reciprocal = f32x4.div(f32x4.splat(1), sum);
    v128.store(state + lane, v128.andnot(reciprocal, f32x4.eq(sum, f32x4.splat(0))), KEEP);
    v128.store(state + lane, f32x4.add(v128.load(state + lane), log(sum)));
  }
  for (let lane = 0; lane < count; lane++) {
    store<f32>(lse + ((<usize>lane) << 2), load<f32>(state + ((<usize>lane) << 2)));
  }
}

/** One head: w [tokens, sources] = exp(scale q . k - lse), 0 where masked. q, k, lse as in sattention. */
export function sattention_weights(
  w: usize,
  q: usize,
  k: usize,
  lse: usize,
  tokens: i32,
  sources: i32,
  dim: i32,
  q_ts: i32,
  k_ts: i32,
  scale: f32,
  causal: i32,
): void {
  for (let i = 0; i < tokens; i++) {
    const visible = visible_sources(i, tokens, sources, causal);
    score_row(w, q, k, visible, dim, k_ts, scale);
    exp_row(w, load<f32>(lse), visible);
    memory.fill(w + ((<usize>visible) << 2), 0, (<usize>(sources - visible)) << 2);
    w += (<usize>sources) << 2;
    q += (<usize>q_ts) << 2;
    lse += 4;
  }
}
